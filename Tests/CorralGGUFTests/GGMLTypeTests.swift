import CorralGGUF
import Testing

@Suite struct GGMLTypeTests {
    /// What another reader says a row of 256 elements takes, in bytes.
    ///
    /// The numbers are `GGML_QUANT_SIZES` of the package gguf 0.19.0. It lacks q2_0, and has 40 bytes
    /// for a block of q8_1 where ggml's struct has 36.
    private static let bytesOf256: [(type: GGMLType, bytes: UInt64)] = [
        (.f32, 1024), (.f16, 512), (.bf16, 512), (.f64, 2048), (.i8, 256), (.i16, 512),
        (.i32, 1024), (.i64, 2048), (.q4_0, 144), (.q4_1, 160), (.q5_0, 176), (.q5_1, 192),
        (.q8_0, 272), (.q2_k, 84), (.q3_k, 110), (.q4_k, 144), (.q5_k, 176), (.q6_k, 210),
        (.q8_k, 292), (.iq2_xxs, 66), (.iq2_xs, 74), (.iq2_s, 82), (.iq3_xxs, 98), (.iq3_s, 110),
        (.iq1_s, 50), (.iq1_m, 56), (.iq4_nl, 144), (.iq4_xs, 136), (.tq1_0, 54), (.tq2_0, 66),
        (.mxfp4, 136), (.nvfp4, 144), (.q1_0, 36),
    ]

    @Test func `a row takes the bytes another reader says`() {
        for (type, bytes) in Self.bytesOf256 {
            #expect(type.rowBytes(elements: 256) == bytes, "\(type)")
        }
        #expect(Self.bytesOf256.count == GGMLType.all.count - 2)
    }

    @Test func `the types the other reader lacks or has differently take ggml's bytes`() {
        #expect(GGMLType.q8_1.rowBytes(elements: 32) == 36)
        #expect(GGMLType.q2_0.rowBytes(elements: 64) == 18)
    }

    @Test func `numbers 0 to 42 are known except the removed ones`() {
        let removed: Set<UInt32> = [4, 5, 31, 32, 33, 36, 37, 38]
        #expect(GGMLType.all.map(\.rawValue) == (0...42).filter { !removed.contains($0) })
        #expect(!GGMLType(rawValue: 43).isKnown)
        #expect(GGMLType(rawValue: 43).rowBytes(elements: 256) == nil)
        #expect(GGMLType(rawValue: 31).name == "type 31")
    }

    @Test func `names are ggml's and found in either case`() {
        #expect(GGMLType.q4_k.name == "q4_K")
        #expect(GGMLType(named: "Q8_0") == .q8_0)
        #expect(GGMLType(named: "q4_2") == nil)
        for type in GGMLType.all { #expect(GGMLType(named: type.name) == type) }
    }

    @Test func `a row that is no whole number of blocks has no size`() {
        #expect(GGMLType.q4_k.rowBytes(elements: 255) == nil)
        #expect(GGMLType.q4_k.rowBytes(elements: 0) == 0)
        #expect(GGMLType.f64.rowBytes(elements: .max) == nil)
    }
}
