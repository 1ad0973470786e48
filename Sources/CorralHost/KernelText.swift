internal import CorralMemory

/// The text of a kernel's file, searched in place: no line becomes a string.
///
/// Contents are not trusted: a key that is missing or a number that is none reads as
/// `nil`, a number too large as the largest count.
struct KernelText {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The bytes after `key` on the first line that starts with it.
    ///
    /// `key` includes its separator (`MemTotal:`, `inactive_file `), so that no key is
    /// found as the beginning of a longer one.
    func value(of key: String) -> ByteCount? {
        let span = bytes.span
        let wanted = key.utf8.span
        var start = 0
        while start < span.count {
            var matched = 0
            while matched < wanted.count, start + matched < span.count,
                span[start + matched] == wanted[matched]
            { matched += 1 }
            if matched == wanted.count { return Self.number(in: span, at: start + matched) }
            start += matched
            while start < span.count, span[start] != UInt8(ascii: "\n") { start += 1 }
            start += 1
        }
        return nil
    }

    /// The number the text starts with, as in `memory.current`.
    var number: ByteCount? { Self.number(in: bytes.span, at: 0) }

    /// The text in lines, for files that are read once.
    var lines: [Substring] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }

    /// The text without white space at its ends.
    var trimmed: String {
        let text = String(decoding: bytes, as: UTF8.self)
        let tail = text.drop { $0.isWhitespace }
        return String(tail.reversed().drop { $0.isWhitespace }.reversed())
    }

    /// A number in bytes, or in kibibytes where `kB` follows (proc_meminfo(5)).
    private static func number(in span: Span<UInt8>, at start: Int) -> ByteCount? {
        func isBlank(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
        }
        var index = start
        while index < span.count, isBlank(span[index]) { index += 1 }
        let first = index
        var value = ByteCount.zero
        while index < span.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(span[index]) {
            value = value * 10 + ByteCount(Int64(span[index] - UInt8(ascii: "0")))
            index += 1
        }
        guard index > first else { return nil }
        while index < span.count, isBlank(span[index]) { index += 1 }
        let isKibibytes =
            index + 1 < span.count && span[index] == UInt8(ascii: "k")
            && span[index + 1] == UInt8(ascii: "B")
        return isKibibytes ? value * 1024 : value
    }
}
