import CorralMemory
import Testing

@Suite struct ByteCountTests {
    @Test func `sums saturate instead of wrapping around`() {
        #expect(ByteCount.max + ByteCount(1) == .max)
        #expect(ByteCount(.min) + ByteCount(-1) == ByteCount(.min))
        #expect(ByteCount(.min) - ByteCount(1) == ByteCount(.min))
        #expect(ByteCount.max - ByteCount(-1) == .max)
        #expect(ByteCount(5) - ByteCount(7) == ByteCount(-2))
    }

    @Test func `products saturate on the side of their sign`() {
        #expect(ByteCount.gibibytes(.max) == .max)
        #expect(ByteCount.gibibytes(.min) == ByteCount(.min))
        #expect(ByteCount(-2) * .max == ByteCount(.min))
        #expect(ByteCount(-2) * .min == .max)
        #expect(ByteCount.kibibytes(3) == ByteCount(3072))
        #expect(ByteCount.mebibytes(1) == ByteCount(1_048_576))
    }

    @Test(
        arguments: [
            (0.75, Int64(100), Int64(75)), (0.999, 10, 9), (-0.999, 10, -9), (1, .max, .max),
            (.infinity, 1, .max), (-.infinity, 1, .min), (.nan, 1, 0), (.infinity, 0, 0),
        ] as [(Double, Int64, Int64)]
    )
    func `scaling rounds towards zero and saturates`(
        fraction: Double,
        bytes: Int64,
        expected: Int64
    ) {
        #expect(ByteCount(bytes).scaled(by: fraction) == ByteCount(expected))
    }

    @Test func `a count from a larger integer saturates`() {
        #expect(ByteCount(clamping: UInt64.max) == .max)
        #expect(ByteCount(clamping: -1 as Int8) == ByteCount(-1))
    }

    @Test func `arithmetic with random operands agrees with a wider integer`() {
        let seed: UInt64 = 20_260_901
        var random = SeededRandom(seed: seed)
        func clamped(_ wide: Int128) -> ByteCount { ByteCount(clamping: wide) }
        for _ in 0..<20_000 {
            let shift = Int.random(in: 0..<64, using: &random)
            let a = Int64(bitPattern: random.next()) >> shift
            let b = Int64(bitPattern: random.next()) >> (63 - shift)
            #expect(ByteCount(a) + ByteCount(b) == clamped(Int128(a) + Int128(b)), "seed \(seed)")
            #expect(ByteCount(a) - ByteCount(b) == clamped(Int128(a) - Int128(b)), "seed \(seed)")
            #expect(ByteCount(a) * b == clamped(Int128(a) * Int128(b)), "seed \(seed)")
        }
    }
}
