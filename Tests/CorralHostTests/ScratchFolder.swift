#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A folder of a test's own, gone when the test is.
final class ScratchFolder {
    let path: String
    private var files: [String] = []

    init() throws {
        var template = Array("/tmp/corral-host-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemFailure(number: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for file in files { unlink(file) }
        rmdir(path)
    }

    /// Writes a file and returns its path.
    func write(_ contents: String, to name: String, executable: Bool = false) throws -> String {
        let file = "\(path)/\(name)"
        files.append(file)
        let descriptor = open(
            file,
            O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC,
            executable ? 0o700 : 0o600
        )
        guard descriptor >= 0 else { throw SystemFailure(number: errno) }
        defer { close(descriptor) }
        let bytes = Array(contents.utf8)
        guard bytes.isEmpty || unistdWrite(descriptor, bytes) == bytes.count else {
            throw SystemFailure(number: errno)
        }
        return file
    }

    /// The path of a file that a test makes itself.
    func reserve(_ name: String) -> String {
        files.append("\(path)/\(name)")
        return "\(path)/\(name)"
    }

    private func unistdWrite(_ descriptor: Int32, _ bytes: [UInt8]) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes, bytes.count)
        #elseif canImport(Musl)
        Musl.write(descriptor, bytes, bytes.count)
        #elseif canImport(Darwin)
        Darwin.write(descriptor, bytes, bytes.count)
        #endif
    }
}

struct SystemFailure: Error {
    var number: Int32
}
