/// Unpacks one deflate stream (RFC 1951).
struct Inflater {
    /// A prefix code: the codes of each length are consecutive numbers.
    private struct PrefixCode {
        /// How many codes there are of each length.
        private var counts = [Int](repeating: 0, count: 16)
        /// The symbols in the order of their codes.
        private var symbols: [Int] = []

        init(lengths: some Collection<Int>) {
            for length in lengths where length > 0 { counts[length] += 1 }
            symbols = lengths.enumerated().filter { $0.element > 0 }
                .sorted { ($0.element, $0.offset) < ($1.element, $1.offset) }
                .map(\.offset)
        }

        func symbol(_ reader: inout BitReader) throws(SimulationError) -> Int {
            var (code, first, index) = (0, 0, 0)
            for length in 1...15 {
                code |= Int(try reader.bits(1))
                if code - first < counts[length] { return symbols[index + code - first] }
                index += counts[length]
                first = (first + counts[length]) << 1
                code <<= 1
            }
            throw Gzip.damaged("it has a code that stands for nothing")
        }
    }

    var reader: BitReader
    var output: [UInt8]
    let limit: Int

    /// Unpacks blocks up to the last one.
    mutating func run() throws(SimulationError) {
        var isLast = false
        while !isLast {
            isLast = try reader.bits(1) == 1
            switch try reader.bits(2) {
            case 0: try copyStored()
            case 1: try unpack(Self.fixedLiterals, Self.fixedDistances)
            case 2: try unpackDynamic()
            default: throw Gzip.damaged("it has a block of no known kind")
            }
        }
    }

    private mutating func append(_ byte: UInt8) throws(SimulationError) {
        guard output.count < limit else { throw Gzip.damaged("it unpacks to more than allowed") }
        output.append(byte)
    }

    private mutating func copyStored() throws(SimulationError) {
        reader.alignToByte()
        let count = try reader.bits(16)
        guard try reader.bits(16) == ~count & 0xFFFF else {
            throw Gzip.damaged("a stored block has two lengths")
        }
        for _ in 0..<count { try append(UInt8(truncatingIfNeeded: reader.bits(8))) }
    }

    private static let fixedLiterals = PrefixCode(
        lengths: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }
    )
    private static let fixedDistances = PrefixCode(lengths: Array(repeating: 5, count: 30))

    private mutating func unpackDynamic() throws(SimulationError) {
        let literals = Int(try reader.bits(5)) + 257
        let distances = Int(try reader.bits(5)) + 1
        let given = Int(try reader.bits(4)) + 4
        let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
        var lengthLengths = [Int](repeating: 0, count: 19)
        for index in 0..<given { lengthLengths[order[index]] = Int(try reader.bits(3)) }
        let lengthCode = PrefixCode(lengths: lengthLengths)
        var lengths: [Int] = []
        while lengths.count < literals + distances {
            let symbol = try lengthCode.symbol(&reader)
            let (value, count) =
                switch symbol {
                case 16: (lengths.last ?? 0, Int(try reader.bits(2)) + 3)
                case 17: (0, Int(try reader.bits(3)) + 3)
                case 18: (0, Int(try reader.bits(7)) + 11)
                default: (symbol, 1)
                }
            lengths += Array(repeating: value, count: count)
        }
        guard lengths.count == literals + distances else {
            throw Gzip.damaged("it has too many code lengths")
        }
        try unpack(
            PrefixCode(lengths: lengths[..<literals]),
            PrefixCode(lengths: Array(lengths[literals...]))
        )
    }

    private mutating func unpack(
        _ literals: PrefixCode,
        _ distances: PrefixCode
    ) throws(SimulationError) {
        while true {
            let symbol = try literals.symbol(&reader)
            if symbol < 256 {
                try append(UInt8(symbol))
                continue
            }
            if symbol == 256 { return }
            guard symbol < 286 else { throw Gzip.damaged("it has an unknown length") }
            let length = try Self.lengths[symbol - 257].value(&reader)
            let distanceSymbol = try distances.symbol(&reader)
            guard distanceSymbol < 30 else { throw Gzip.damaged("it has an unknown distance") }
            let distance = try Self.distances[distanceSymbol].value(&reader)
            guard distance <= output.count else {
                throw Gzip.damaged("it refers to before its beginning")
            }
            for _ in 0..<length { try append(output[output.count - distance]) }
        }
    }

    /// A number that begins at `base` and is told apart by further bits.
    private struct Range {
        var base: Int
        var extraBits: Int

        func value(_ reader: inout BitReader) throws(SimulationError) -> Int {
            base + Int(try reader.bits(extraBits))
        }
    }

    /// 3 to 258: eight single lengths, then four for each number of further bits.
    private static let lengths: [Range] = {
        var ranges = Self.ranges(from: 3, single: 8, group: 4, count: 28)
        ranges.append(Range(base: 258, extraBits: 0))
        return ranges
    }()

    /// 1 to 32,768: four single distances, then two for each number of further bits.
    private static let distances = ranges(from: 1, single: 4, group: 2, count: 30)

    private static func ranges(from base: Int, single: Int, group: Int, count: Int) -> [Range] {
        var ranges: [Range] = []
        var next = base
        for index in 0..<count {
            let bits = index < single ? 0 : (index - single) / group + 1
            ranges.append(Range(base: next, extraBits: bits))
            next += 1 << bits
        }
        return ranges
    }
}
