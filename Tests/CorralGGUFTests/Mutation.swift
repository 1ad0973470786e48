/// One way in which a file comes to harm.
enum Mutation: CaseIterable {
    case flipBit, setByte, setWord, insert, remove, truncate, duplicate, swap

    static func random(using random: inout SeededGenerator) -> Mutation {
        // `allCases` is never empty.
        allCases[Int.random(in: 0..<allCases.count, using: &random)]
    }

    /// Numbers that counts, lengths and offsets go wrong with.
    private static let words: [UInt64] = [
        0, 1, 2, 7, 8, 31, 32, 255, 256, 65_535, 65_536, 1 << 31, 1 << 32, 1 << 60, 1 << 61,
        1 << 63, .max - 31, .max - 7, .max,
    ]

    func applied(to bytes: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
        guard bytes.count > 16 else { return bytes + [UInt8.random(in: 0...255, using: &random)] }
        var bytes = bytes
        let place = Int.random(in: 0..<(bytes.count - 8), using: &random)
        let length = Int.random(in: 1...min(64, bytes.count - place), using: &random)
        switch self {
        case .flipBit: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case .setByte: bytes[place] = .random(in: 0...255, using: &random)
        case .setWord:
            let word = Self.words[Int.random(in: 0..<Self.words.count, using: &random)]
            bytes = bytes.overwriting(place, word)
        case .insert: bytes.insert(.random(in: 0...255, using: &random), at: place)
        case .remove: bytes.removeSubrange(place..<(place + length))
        case .truncate: bytes.removeLast(bytes.count - place)
        case .duplicate:
            bytes.insert(contentsOf: Array(bytes[place..<(place + length)]), at: place)
        case .swap: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &random))
        }
        return bytes
    }
}
