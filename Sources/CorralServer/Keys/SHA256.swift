/// SHA-256 (FIPS 180-4, section 6.2), so that a daemon need not link a library for one function.
enum SHA256 {
    /// The length of a digest in bytes.
    static let byteCount = 32

    /// Digests a message.
    ///
    /// - Returns: ``byteCount`` bytes.
    static func digest(of message: [UInt8]) -> [UInt8] {
        // Section 5.1.1: a bit 1, zeros, and the length in bits make whole blocks of 64 bytes.
        var padded = message + [0x80]
        padded += Array(repeating: 0, count: (120 - padded.count % 64) % 64)
        padded += bytes(of: UInt64(message.count) &* 8)
        var state = initialState
        for start in stride(from: 0, to: padded.count, by: 64) {
            compress(padded[start..<start + 64], into: &state)
        }
        return state.flatMap(bytes)
    }

    private static func bytes(of word: some FixedWidthInteger) -> [UInt8] {
        stride(from: word.bitWidth - 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: word >> $0)
        }
    }

    private static func compress(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
        var schedule: [UInt32] = stride(from: block.startIndex, to: block.endIndex, by: 4).map {
            block[$0..<$0 + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        for t in 16..<64 {
            let (early, late) = (schedule[t - 15], schedule[t - 2])
            let first = rotate(early, 7) ^ rotate(early, 18) ^ early >> 3
            let second = rotate(late, 17) ^ rotate(late, 19) ^ late >> 10
            schedule.append(second &+ schedule[t - 7] &+ first &+ schedule[t - 16])
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for t in 0..<64 {
            let sumOfE = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
            let choice = e & f ^ ~e & g
            let first = h &+ sumOfE &+ choice &+ roundConstants[t] &+ schedule[t]
            let sumOfA = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
            let majority = a & b ^ a & c ^ b & c
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ sumOfA &+ majority)
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
    }

    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word >> count | word << (32 - count)
    }

    // MARK: Constants

    /// Section 4.2.2: the first 32 bits of the fractions of the cube roots of the first 64 primes.
    private static let roundConstants: [UInt32] = primes.map { prime in
        UInt32(truncatingIfNeeded: root(of: UInt128(prime) << 96) { $0 * $0 * $0 })
    }

    /// Section 5.3.3: the first 32 bits of the fractions of the square roots of the first 8 primes.
    private static let initialState: [UInt32] = primes.prefix(8).map { prime in
        UInt32(truncatingIfNeeded: root(of: UInt128(prime) << 64) { $0 * $0 })
    }

    private static let primes: [Int] = (2...311).filter { number in
        (2..<number).allSatisfy { number % $0 != 0 }
    }

    /// The largest number of up to 36 bits whose `power` is at most `value`.
    private static func root(of value: UInt128, _ power: (UInt128) -> UInt128) -> UInt128 {
        var root: UInt128 = 0
        for bit in (0..<36).reversed() where power(root | 1 << bit) <= value { root |= 1 << bit }
        return root
    }
}
