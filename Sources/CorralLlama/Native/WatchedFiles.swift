#if canImport(Darwin)
private import Darwin
#elseif canImport(Musl)
private import Musl
#else
private import Glibc
#endif

/// The files of a loaded model, watched for being cut.
///
/// Reading a page of a mapping behind the end of its file ends the process, so that whoever is
/// about to read looks first. A file that is replaced by another, rather than cut, does no harm.
final class WatchedFiles: Sendable {
    private let files: [(descriptor: Int32, bytes: Int64)]

    /// Opens the files; those that cannot be opened are not watched.
    init(_ paths: [String]) {
        files = paths.compactMap { path in
            let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return nil }
            return (descriptor, Self.bytes(descriptor))
        }
    }

    deinit { for file in files { close(file.descriptor) } }

    /// Whether every file is at least as long as it was.
    var areWhole: Bool { files.allSatisfy { Self.bytes($0.descriptor) >= $0.bytes } }

    private static func bytes(_ descriptor: Int32) -> Int64 {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return -1 }
        return Int64(status.st_size)
    }
}
