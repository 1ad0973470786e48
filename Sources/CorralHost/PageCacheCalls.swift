#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Asks the kernel about the pages of files (mincore(2)) and has it read them.
///
/// The calls are unsafe because C takes pointers. A mapping is never read through, only asked
/// about, so that a file that is cut short meanwhile does no harm; it is unmapped before the
/// function that made it returns. Buffers are passed with their lengths and outlive no call.
enum PageCacheCalls {
    /// The bytes that are asked about at once.
    ///
    /// Of a file of more than ``windows`` times as much, that many windows are looked at, evenly
    /// spread: a gigabyte tells enough of a hundred.
    private static let window = 4 << 20
    private static let windows = 256

    /// The share of a file's pages that are in memory.
    static func share(of path: String) -> Double? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_size > 0,
            isTold(of: status, at: path)
        else { return nil }
        let size = Int(status.st_size)
        let count = (size + window - 1) / window
        let looked = min(count, windows)
        var (present, total) = (0, 0)
        for index in 0..<looked {
            // Multiples of the window are multiples of the page.
            let offset = index * count / looked * window
            let length = min(window, size - offset)
            guard let pages = residency(of: file, at: offset, length: length) else { return nil }
            present += pages.present
            total += pages.total
        }
        return total > 0 ? Double(present) / Double(total) : nil
    }

    /// Whether the kernel tells the truth: Linux calls every page of a file present that the
    /// process could not write (`can_do_mincore`, since 5.2).
    private static func isTold(of status: stat, at path: String) -> Bool {
        #if os(Linux)
        let user = geteuid()
        if user == 0 || user == status.st_uid { return true }
        return unsafe access(path, W_OK) == 0
        #else
        return true
        #endif
    }

    private static func residency(
        of file: Int32,
        at offset: Int,
        length: Int
    ) -> (present: Int, total: Int)? {
        let address = unsafe mmap(nil, length, PROT_READ, MAP_SHARED, file, off_t(offset))
        guard let address = unsafe address, unsafe address != MAP_FAILED else { return nil }
        defer { unsafe munmap(address, length) }
        let page = Int(getpagesize())
        let count = (length + page - 1) / page
        var failed = false
        #if canImport(Darwin)
        typealias Flag = CChar
        #else
        typealias Flag = UInt8
        #endif
        let flags = unsafe [Flag](unsafeUninitializedCapacity: count) { buffer, filled in
            failed = unsafe mincore(address, length, buffer.baseAddress) != 0
            filled = failed ? 0 : count
        }
        return failed ? nil : (flags.count { $0 & 1 != 0 }, count)
    }

    /// Reads a file, so that its pages are in memory afterwards.
    static func readAhead(_ path: String, isCancelled: () -> Bool) -> Bool {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return false }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return false
        }
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var offset = 0
        let size = Int(status.st_size)
        announce(file, from: 0)
        while offset < size {
            if offset % window == 0 {
                if isCancelled() { return false }
                // The disk works on the next window while this one is waited for.
                announce(file, from: offset + window)
            }
            let got = unsafe buffer.withUnsafeMutableBytes {
                unsafe pread(file, $0.baseAddress, $0.count, off_t(offset))
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return false }
            offset += got
        }
        return true
    }

    /// Says that a window will be read.
    private static func announce(_ file: Int32, from offset: Int) {
        #if os(Linux)
        _ = posix_fadvise(file, off_t(offset), off_t(window), POSIX_FADV_WILLNEED)
        #endif
    }
}
