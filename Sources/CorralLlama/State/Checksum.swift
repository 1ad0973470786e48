import Foundation

/// A checksum against damage, not against intent: FNV-1a (Fowler, Noll, Vo) over words of eight
/// bytes, which is fast enough not to matter beside reading the file.
struct Checksum {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325
    /// The bytes of a word that is not full, the first lowest.
    private var word: UInt64 = 0
    private var filled: UInt64 = 0

    /// The checksum of all bytes so far, however they were cut into pieces.
    var value: UInt64 { Self.mixed(Self.mixed(state, word), filled) }

    /// Adds bytes.
    mutating func add(_ data: Data) {
        for byte in data {
            word |= UInt64(byte) << (8 * filled)
            filled += 1
            guard filled == 8 else { continue }
            state = Self.mixed(state, word)
            (word, filled) = (0, 0)
        }
    }

    private static func mixed(_ state: UInt64, _ next: UInt64) -> UInt64 {
        let product = (state ^ next) &* 0x0000_0100_0000_01b3
        return product ^ (product >> 29)
    }
}
