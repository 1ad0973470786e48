#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Cuts what a process writes into lines, none longer than a bound.
///
/// Bytes that are not UTF-8 are replaced; of a line that is too long only the beginning is
/// kept, so that a process that never ends a line takes no memory.
struct LineSplitter: Sendable {
    /// The most bytes kept of one line.
    let limit: Int
    private var partial: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    /// Takes more bytes and hands on each line that they complete.
    ///
    /// The pointers are within `bytes`, which live until the call returns; a search byte by byte
    /// would be the largest cost of a process that writes a lot.
    mutating func append(_ bytes: UnsafeRawBufferPointer, _ body: (String) -> Void) {
        var rest = unsafe bytes
        while let start = rest.baseAddress,
            let end = unsafe memchr(start, Int32(UInt8(ascii: "\n")), rest.count)
        {
            let length = unsafe UnsafeRawPointer(end) - start
            unsafe keep(UnsafeRawBufferPointer(rebasing: rest[..<length]))
            finish(body)
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[(length + 1)...])
        }
        unsafe keep(rest)
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
        let length = min(bytes.count, limit - partial.count)
        unsafe partial.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[..<length]))
    }

    /// Hands on what is left, if anything is.
    mutating func finish(_ body: (String) -> Void) {
        guard !partial.isEmpty else { return }
        if partial.last == UInt8(ascii: "\r") { partial.removeLast() }
        body(String(decoding: partial, as: UTF8.self))
        partial.removeAll(keepingCapacity: partial.capacity <= 1 << 16)
    }
}
