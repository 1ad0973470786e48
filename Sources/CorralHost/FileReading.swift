#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Reads small files with three system calls and no Foundation.
///
/// The calls are unsafe because C takes pointers; each pointer is to a buffer whose
/// length is passed with it, and none outlives its call.
enum FileReading {
    /// The first `limit` bytes of a file, or `nil` if it cannot be opened or read.
    static func contents(of path: String, limit: Int) -> [UInt8]? {
        // Without O_NONBLOCK a root that holds a named pipe would block here for ever.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return contents(of: file, limit: limit)
    }

    /// What is left to read from an open file, up to `limit` bytes.
    static func contents(of file: Int32, limit: Int) -> [UInt8]? {
        var result: [UInt8] = []
        var chunk = 4096
        while result.count < limit {
            let wanted = min(chunk, limit - result.count)
            var failed = false
            let piece = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
                var got = unsafe Self.read(file, buffer)
                while got < 0, errno == EINTR { got = unsafe Self.read(file, buffer) }
                failed = got < 0
                count = max(0, got)
            }
            if failed { return nil }
            if piece.isEmpty { break }
            if result.isEmpty { result = piece } else { result += piece }
            chunk = 65536
        }
        return result
    }

    /// What can be read from a pipe or socket now: `nil` if nothing yet, empty at its end.
    static func available(in stream: Int32) -> [UInt8]? {
        var got = 0
        let piece = unsafe [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
            got = unsafe Self.read(stream, buffer)
            count = max(0, got)
        }
        return got < 0 && (errno == EAGAIN || errno == EINTR) ? nil : piece
    }

    private static func read(_ file: Int32, _ buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        #if canImport(Glibc)
        unsafe Glibc.read(file, buffer.baseAddress, buffer.count)
        #elseif canImport(Musl)
        unsafe Musl.read(file, buffer.baseAddress, buffer.count)
        #elseif canImport(Darwin)
        unsafe Darwin.read(file, buffer.baseAddress, buffer.count)
        #endif
    }

    /// The names in a folder, sorted.
    static func names(in folder: String) -> [String] {
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
