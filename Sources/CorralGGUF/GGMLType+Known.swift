// Each size is a `static_assert` on a block's struct in ggml's `ggml-common.h` (llama.cpp b11434),
// each number a member of `enum ggml_type` in `ggml.h`. Numbers 4, 5, 31-33 and 36-38 belong to
// types that were removed.
extension GGMLType {
    /// Floats of 32 bits.
    public static let f32 = GGMLType(rawValue: 0)
    /// Floats of 16 bits (IEEE half).
    public static let f16 = GGMLType(rawValue: 1)
    /// `q4_0`: 18 bytes for 32 elements.
    public static let q4_0 = GGMLType(rawValue: 2)
    /// `q4_1`: 20 bytes for 32 elements.
    public static let q4_1 = GGMLType(rawValue: 3)
    /// `q5_0`: 22 bytes for 32 elements.
    public static let q5_0 = GGMLType(rawValue: 6)
    /// `q5_1`: 24 bytes for 32 elements.
    public static let q5_1 = GGMLType(rawValue: 7)
    /// `q8_0`: 34 bytes for 32 elements.
    public static let q8_0 = GGMLType(rawValue: 8)
    /// `q8_1`: 36 bytes for 32 elements.
    public static let q8_1 = GGMLType(rawValue: 9)
    /// `q2_K`: 84 bytes for 256 elements.
    public static let q2_k = GGMLType(rawValue: 10)
    /// `q3_K`: 110 bytes for 256 elements.
    public static let q3_k = GGMLType(rawValue: 11)
    /// `q4_K`: 144 bytes for 256 elements.
    public static let q4_k = GGMLType(rawValue: 12)
    /// `q5_K`: 176 bytes for 256 elements.
    public static let q5_k = GGMLType(rawValue: 13)
    /// `q6_K`: 210 bytes for 256 elements.
    public static let q6_k = GGMLType(rawValue: 14)
    /// `q8_K`: 292 bytes for 256 elements.
    public static let q8_k = GGMLType(rawValue: 15)
    /// `iq2_xxs`: 66 bytes for 256 elements.
    public static let iq2_xxs = GGMLType(rawValue: 16)
    /// `iq2_xs`: 74 bytes for 256 elements.
    public static let iq2_xs = GGMLType(rawValue: 17)
    /// `iq3_xxs`: 98 bytes for 256 elements.
    public static let iq3_xxs = GGMLType(rawValue: 18)
    /// `iq1_s`: 50 bytes for 256 elements.
    public static let iq1_s = GGMLType(rawValue: 19)
    /// `iq4_nl`: 18 bytes for 32 elements.
    public static let iq4_nl = GGMLType(rawValue: 20)
    /// `iq3_s`: 110 bytes for 256 elements.
    public static let iq3_s = GGMLType(rawValue: 21)
    /// `iq2_s`: 82 bytes for 256 elements.
    public static let iq2_s = GGMLType(rawValue: 22)
    /// `iq4_xs`: 136 bytes for 256 elements.
    public static let iq4_xs = GGMLType(rawValue: 23)
    /// Integers of 8 bits.
    public static let i8 = GGMLType(rawValue: 24)
    /// Integers of 16 bits.
    public static let i16 = GGMLType(rawValue: 25)
    /// Integers of 32 bits.
    public static let i32 = GGMLType(rawValue: 26)
    /// Integers of 64 bits.
    public static let i64 = GGMLType(rawValue: 27)
    /// Floats of 64 bits.
    public static let f64 = GGMLType(rawValue: 28)
    /// `iq1_m`: 56 bytes for 256 elements.
    public static let iq1_m = GGMLType(rawValue: 29)
    /// Floats of 16 bits with the exponent of 32 (bfloat16).
    public static let bf16 = GGMLType(rawValue: 30)
    /// Ternary weights, five to a byte, in blocks of 256.
    public static let tq1_0 = GGMLType(rawValue: 34)
    /// Ternary weights, four to a byte, in blocks of 256.
    public static let tq2_0 = GGMLType(rawValue: 35)
    /// Floats of 4 bits in blocks of 32 with one exponent (OCP microscaling).
    public static let mxfp4 = GGMLType(rawValue: 39)
    /// Floats of 4 bits in four groups of 16, each with a scale of 8 bits.
    public static let nvfp4 = GGMLType(rawValue: 40)
    /// `q1_0`: 18 bytes for 128 elements.
    public static let q1_0 = GGMLType(rawValue: 41)
    /// `q2_0`: 18 bytes for 64 elements.
    public static let q2_0 = GGMLType(rawValue: 42)
}

extension GGMLType {
    /// What is stored together: a name as ggml prints it, elements and bytes of a block.
    struct Layout {
        let name: String
        let blockElements: Int
        let blockBytes: Int

        init(_ name: String, _ blockElements: Int, _ blockBytes: Int) {
            self.name = name
            self.blockElements = blockElements
            self.blockBytes = blockBytes
        }
    }

    /// The layout of every type that can stand in a file.
    static let layouts: [GGMLType: Layout] = [
        .f32: Layout("f32", 1, 4),
        .f16: Layout("f16", 1, 2),
        .q4_0: Layout("q4_0", 32, 18),
        .q4_1: Layout("q4_1", 32, 20),
        .q5_0: Layout("q5_0", 32, 22),
        .q5_1: Layout("q5_1", 32, 24),
        .q8_0: Layout("q8_0", 32, 34),
        .q8_1: Layout("q8_1", 32, 36),
        .q2_k: Layout("q2_K", 256, 84),
        .q3_k: Layout("q3_K", 256, 110),
        .q4_k: Layout("q4_K", 256, 144),
        .q5_k: Layout("q5_K", 256, 176),
        .q6_k: Layout("q6_K", 256, 210),
        .q8_k: Layout("q8_K", 256, 292),
        .iq2_xxs: Layout("iq2_xxs", 256, 66),
        .iq2_xs: Layout("iq2_xs", 256, 74),
        .iq3_xxs: Layout("iq3_xxs", 256, 98),
        .iq1_s: Layout("iq1_s", 256, 50),
        .iq4_nl: Layout("iq4_nl", 32, 18),
        .iq3_s: Layout("iq3_s", 256, 110),
        .iq2_s: Layout("iq2_s", 256, 82),
        .iq4_xs: Layout("iq4_xs", 256, 136),
        .i8: Layout("i8", 1, 1),
        .i16: Layout("i16", 1, 2),
        .i32: Layout("i32", 1, 4),
        .i64: Layout("i64", 1, 8),
        .f64: Layout("f64", 1, 8),
        .iq1_m: Layout("iq1_m", 256, 56),
        .bf16: Layout("bf16", 1, 2),
        .tq1_0: Layout("tq1_0", 256, 54),
        .tq2_0: Layout("tq2_0", 256, 66),
        .mxfp4: Layout("mxfp4", 32, 17),
        .nvfp4: Layout("nvfp4", 64, 36),
        .q1_0: Layout("q1_0", 128, 18),
        .q2_0: Layout("q2_0", 64, 18),
    ]
}
