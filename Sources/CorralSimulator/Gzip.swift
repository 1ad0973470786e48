/// Unpacks gzip files (RFC 1952) of deflated data (RFC 1951).
public enum Gzip {
    /// Whether bytes begin as a gzip file does.
    public static func isCompressed(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x1F, 0x8B])
    }

    /// Unpacks all members of a gzip file.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - limit: The most bytes to unpack, against files made to fill memory.
    /// - Returns: What was packed.
    /// - Throws: ``SimulationError/badCompression`` when it is damaged, cut short or too large.
    public static func unpacked(
        _ bytes: [UInt8],
        limit: Int = 1 << 30
    ) throws(SimulationError) -> [UInt8] {
        var reader = BitReader(bytes)
        var result: [UInt8] = []
        repeat {
            try skipHeader(&reader)
            let start = result.count
            var inflater = Inflater(reader: reader, output: result, limit: limit)
            try inflater.run()
            (reader, result) = (inflater.reader, inflater.output)
            reader.alignToByte()
            let checksum = try reader.bits(16) | reader.bits(16) << 16
            let size = try reader.bits(16) | reader.bits(16) << 16
            guard checksum == Self.checksum(of: result[start...]),
                size == UInt32(truncatingIfNeeded: result.count - start)
            else { throw damaged("its checksum does not match") }
        } while !reader.isAtEnd
        return result
    }

    static func damaged(_ what: String) -> SimulationError {
        SimulationError(
            .badCompression,
            "The gzip file is damaged: \(what); copy it again or pass it uncompressed."
        )
    }

    private static func skipHeader(_ reader: inout BitReader) throws(SimulationError) {
        guard try reader.bits(16) == 0x8B1F, try reader.bits(8) == 8 else {
            throw damaged("it does not begin as one")
        }
        let flags = try reader.bits(8)
        for _ in 0..<6 { _ = try reader.bits(8) }
        if flags & 4 != 0 {
            for _ in 0..<(try reader.bits(16)) { _ = try reader.bits(8) }
        }
        // A name, then a comment, each ended by zero.
        for flag: UInt32 in [8, 16] where flags & flag != 0 {
            while try reader.bits(8) != 0 {}
        }
        if flags & 2 != 0 { _ = try reader.bits(16) }
    }

    /// CRC-32 with the polynomial of IEEE 802.3.
    static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { sum, byte in
            table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ (sum >> 8)
        }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 0 ? value >> 1 : (value >> 1) ^ 0xEDB8_8320
        }
    }
}

/// Bits of bytes, the lowest first.
struct BitReader {
    private let bytes: [UInt8]
    private var position = 0
    private var held: UInt32 = 0
    private var heldCount = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether nothing but zeros, as padding, follows.
    var isAtEnd: Bool { bytes[position...].allSatisfy { $0 == 0 } }

    /// Reads up to 16 bits.
    mutating func bits(_ count: Int) throws(SimulationError) -> UInt32 {
        while heldCount < count {
            guard position < bytes.count else { throw Gzip.damaged("it ends too early") }
            held |= UInt32(bytes[position]) << UInt32(heldCount)
            position += 1
            heldCount += 8
        }
        let result = held & ((1 << UInt32(count)) - 1)
        held >>= UInt32(count)
        heldCount -= count
        return result
    }

    mutating func alignToByte() {
        held >>= UInt32(heldCount % 8)
        heldCount -= heldCount % 8
    }
}
