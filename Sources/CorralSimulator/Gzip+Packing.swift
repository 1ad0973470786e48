extension Gzip {
    /// Packs bytes into a gzip file of one block with the fixed codes of RFC 1951.
    ///
    /// Tables shrink to about a third: worse than gzip itself, and no library is needed.
    ///
    /// - Parameter bytes: What to pack.
    /// - Returns: The whole file.
    public static func packed(_ bytes: [UInt8]) -> [UInt8] {
        // No flags, no time, an unknown system.
        var writer = BitWriter([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
        writer.write(1, count: 1)
        writer.write(1, count: 2)
        var deflater = Deflater(bytes)
        deflater.run { writer.write($0) }
        writer.alignToByte()
        let size = UInt32(truncatingIfNeeded: bytes.count)
        for number in [checksum(of: bytes[...]), size] {
            for shift in [0, 8, 16, 24] as [UInt32] {
                writer.write(number >> shift & 0xFF, count: 8)
            }
        }
        return writer.bytes
    }
}

/// Finds what was there before, up to 32 KiB ago (RFC 1951, section 2).
struct Deflater {
    /// A byte, or the length and distance of what is repeated.
    enum Symbol: Hashable {
        case literal(UInt8)
        case copy(length: Int, distance: Int)
        case end
    }

    private let bytes: [UInt8]
    /// Where three bytes with this hash were seen last, plus one.
    private var heads = [Int](repeating: 0, count: 1 << 15)

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func run(_ emit: (Symbol) -> Void) {
        var position = 0
        while position < bytes.count {
            let match = match(at: position)
            let length: Int
            if let match {
                emit(.copy(length: match.length, distance: match.distance))
                length = match.length
            } else {
                emit(.literal(bytes[position]))
                length = 1
            }
            for index in position..<position + length { remember(index) }
            position += length
        }
        emit(.end)
    }

    private func hash(_ position: Int) -> Int? {
        guard position + 2 < bytes.count else { return nil }
        let value =
            UInt32(bytes[position]) << 16 | UInt32(bytes[position + 1]) << 8
            | UInt32(bytes[position + 2])
        return Int((value &* 0x9E37_79B1) >> 17)
    }

    private mutating func remember(_ position: Int) {
        if let hash = hash(position) { heads[hash] = position + 1 }
    }

    private func match(at position: Int) -> (length: Int, distance: Int)? {
        guard let hash = hash(position), heads[hash] > 0 else { return nil }
        let start = heads[hash] - 1
        let distance = position - start
        guard distance <= 32_768 else { return nil }
        var length = 0
        while length < 258, position + length < bytes.count,
            bytes[start + length] == bytes[position + length]
        { length += 1 }
        return length >= 3 ? (length, distance) : nil
    }
}

/// Writes bits, the lowest first, and codes, the highest bit first.
struct BitWriter {
    private(set) var bytes: [UInt8]
    private var held: UInt32 = 0
    private var heldCount: UInt32 = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Writes up to 16 bits.
    mutating func write(_ value: UInt32, count: UInt32) {
        held |= value << heldCount
        heldCount += count
        while heldCount >= 8 {
            bytes.append(UInt8(truncatingIfNeeded: held))
            held >>= 8
            heldCount -= 8
        }
    }

    mutating func alignToByte() {
        if heldCount > 0 { write(0, count: 8 - heldCount) }
    }

    /// Writes a symbol in the fixed codes (RFC 1951, section 3.2.6).
    mutating func write(_ symbol: Deflater.Symbol) {
        switch symbol {
        case .literal(let byte): writeLiteral(UInt32(byte))
        case .end: writeLiteral(256)
        case .copy(let length, let distance):
            let (code, extra) = Self.lengths.code(for: UInt32(length))
            writeLiteral(257 + code)
            write(extra.value, count: extra.count)
            let (place, rest) = Self.distances.code(for: UInt32(distance))
            writeCode(place, count: 5)
            write(rest.value, count: rest.count)
        }
    }

    private mutating func writeLiteral(_ symbol: UInt32) {
        switch symbol {
        case 0..<144: writeCode(0x30 + symbol, count: 8)
        case 144..<256: writeCode(0x190 + symbol - 144, count: 9)
        case 256..<280: writeCode(symbol - 256, count: 7)
        default: writeCode(0xC0 + symbol - 280, count: 8)
        }
    }

    private mutating func writeCode(_ code: UInt32, count: UInt32) {
        var reversed: UInt32 = 0
        for bit in 0..<count where code >> bit & 1 == 1 { reversed |= 1 << (count - 1 - bit) }
        write(reversed, count: count)
    }

    /// The ranges of values that one code stands for, with the bits that tell them apart.
    private struct Ranges {
        private var bases: [(base: UInt32, bits: UInt32)] = []

        /// Ranges that double in width with every `group` codes, after `single` of width one.
        init(from first: UInt32, single: Int, group: Int, count: Int) {
            var base = first
            for code in 0..<count {
                let bits = code < single ? 0 : UInt32((code - single) / group) + 1
                bases.append((base, bits))
                base += 1 << bits
            }
        }

        mutating func end(with value: UInt32) { bases[bases.count - 1] = (value, 0) }

        func code(for value: UInt32) -> (UInt32, (value: UInt32, count: UInt32)) {
            let index = bases.lastIndex { $0.base <= value } ?? 0
            return (UInt32(index), (value - bases[index].base, bases[index].bits))
        }
    }

    private static let lengths: Ranges = {
        var ranges = Ranges(from: 3, single: 8, group: 4, count: 29)
        ranges.end(with: 258)
        return ranges
    }()
    private static let distances = Ranges(from: 1, single: 4, group: 2, count: 30)
}
