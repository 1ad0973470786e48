/// Why a step over bytes ended early.
enum Interruption: Error {
    /// The window ends too soon: the bytes before this offset of the file exist and are wanted.
    case needs(upTo: UInt64)
    /// The file is malformed.
    case failed(GGUFError)
}

/// Reads little-endian values from a window of a file, and never past its end.
struct ByteCursor: ~Escapable {
    private let bytes: Span<UInt8>
    private let base: UInt64
    private var position = 0
    let bounds: HeaderBounds

    /// - Parameters:
    ///   - bytes: The window.
    ///   - base: The offset of its first byte in the file.
    ///   - bounds: How far the file reaches.
    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, base: UInt64, bounds: HeaderBounds) {
        self.bytes = bytes
        self.base = base
        self.bounds = bounds
    }

    /// The next byte's offset in the file.
    var offset: UInt64 { base + UInt64(position) }

    mutating func readInteger<T: FixedWidthInteger>(
        _: T.Type = T.self
    ) throws(Interruption) -> T {
        T(truncatingIfNeeded: try readWord(MemoryLayout<T>.size))
    }

    /// Not generic: unoptimized builds, which run the tests, are several times faster so.
    private mutating func readWord(_ size: Int) throws(Interruption) -> UInt64 {
        try require(UInt64(size))
        var value: UInt64 = 0
        for index in 0..<size { value |= UInt64(bytes[position + index]) << (8 * UInt64(index)) }
        position += size
        return value
    }

    /// Reads a length and so many bytes.
    ///
    /// - Parameters:
    ///   - what: The sentence's subject where the length is beyond `limit`.
    ///   - limit: The most bytes the string may have.
    ///   - repairing: Whether bytes that are not UTF-8 become U+FFFD rather than an error.
    /// - Returns: The text.
    /// - Throws: Where the window or the file ends first, or the text is refused.
    mutating func readString(
        _ what: String,
        limit: UInt64 = HeaderBounds.maximumStringBytes,
        repairing: Bool
    ) throws(Interruption) -> String {
        let start = offset
        let length = try readInteger(UInt64.self)
        try existing(length)
        guard length <= limit else {
            throw .failed(
                GGUFError(
                    .limitExceeded,
                    at: start,
                    "\(what) is \(length) bytes long, more than the \(limit) that make sense; the file is damaged, fetch it again."
                )
            )
        }
        try require(length)
        let text = bytes.extracting(position..<(position + Int(length)))
        position += Int(length)
        if let valid = try? UTF8Span(validating: text) { return String(copying: valid) }
        guard repairing else {
            throw .failed(
                GGUFError(
                    .invalidUTF8,
                    at: start + 8,
                    "\(what) is not UTF-8; the file is damaged or was written by a faulty converter."
                )
            )
        }
        return String(decoding: text.copied(), as: UTF8.self)
    }

    mutating func readValueType() throws(Interruption) -> GGUFValueType {
        let start = offset
        let number = try readInteger(UInt32.self)
        guard let type = GGUFValueType(rawValue: number) else {
            throw .failed(
                GGUFError(
                    .unknownValueType,
                    at: start,
                    "Value type \(number) is unknown, the format has 0 to 12; the file is damaged or newer than this reader."
                )
            )
        }
        return type
    }

    /// Copies bytes of the window.
    func copy(_ range: Range<UInt64>) throws(Interruption) -> [UInt8] {
        let end = base + UInt64(bytes.count)
        guard range.upperBound <= end else { throw .needs(upTo: range.upperBound) }
        let start = Int(range.lowerBound - base)
        return bytes.extracting(start..<(start + Int(range.upperBound - range.lowerBound))).copied()
    }

    /// Moves to an offset in the window.
    mutating func move(to offset: UInt64) throws(Interruption) {
        guard offset <= base + UInt64(bytes.count) else { throw .needs(upTo: offset) }
        position = Int(offset - base)
    }

    /// Steps over as many of `remaining` strings as the window holds whole.
    ///
    /// Every reader's time goes here: a vocabulary has hundreds of thousands of strings. One
    /// comparison per string suffices, and the eight bytes of the length become one load.
    mutating func skipStrings(_ remaining: inout UInt64) {
        let end = bytes.count
        var place = position
        var left = remaining
        while left > 0, end - place >= 8 {
            let length = bytes.extracting(place..<(place + 8)).littleEndianWord
            guard length <= UInt64(end - place - 8) else { break }
            place += 8 + Int(length)
            left -= 1
        }
        position = place
        remaining = left
    }

    /// Checks that the file has `count` more bytes, in the window or behind it.
    func existing(_ count: UInt64) throws(Interruption) {
        do throws(GGUFError) { try bounds.require(count, at: offset) } catch {
            throw .failed(error)
        }
    }

    private func require(_ count: UInt64) throws(Interruption) {
        guard count > UInt64(bytes.count - position) else { return }
        try existing(count)
        throw .needs(upTo: offset + count)
    }
}

extension Span where Element == UInt8 {
    /// The integer of 8 bytes that this span is.
    fileprivate var littleEndianWord: UInt64 {
        @inline(__always) get {
            UInt64(self[0]) | UInt64(self[1]) << 8 | UInt64(self[2]) << 16 | UInt64(self[3]) << 24
                | UInt64(self[4]) << 32 | UInt64(self[5]) << 40 | UInt64(self[6]) << 48
                | UInt64(self[7]) << 56
        }
    }

    /// The bytes as an array.
    fileprivate func copied() -> [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(count)
        for index in indices { copy.append(self[index]) }
        return copy
    }
}
