import Dispatch
import Foundation

/// A named pipe between a test and a process: what one end writes the other waits for.
final class Fifo: Sendable {
    private let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        guard mkfifo(path, 0o600) == 0 else { throw Unexpected("no named pipe at \(path)") }
        // For both, so that neither end waits for the other to be opened.
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw Unexpected("\(path) cannot be opened") }
    }

    deinit { _ = Foundation.close(descriptor) }

    /// Writes text, or, where it is empty, ends the reader's input.
    func write(_ text: String) throws {
        if text.isEmpty { return close() }
        let bytes = Array(text.utf8)
        guard Foundation.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Unexpected("\(path) cannot be written")
        }
    }

    /// Ends the reader's input.
    func close() {
        // The descriptor is replaced, not closed, so that its number is nobody else's.
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        _ = dup2(null, descriptor)
        _ = Foundation.close(null)
    }

    /// Waits for a line; the thread that waits is none of Swift's.
    func read() async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [descriptor] in
                var bytes = [UInt8](repeating: 0, count: 64)
                let count = Foundation.read(descriptor, &bytes, bytes.count)
                continuation.resume(
                    returning: String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
                )
            }
        }
    }
}
