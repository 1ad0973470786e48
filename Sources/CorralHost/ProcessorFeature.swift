/// Instructions for which llama.cpp has kernels, and for which it repacks weights as it
/// loads them: repacked weights are a copy in the process's own memory, not mapped.
public enum ProcessorFeature: String, CaseIterable, Hashable, Sendable {
    /// x86: 256-bit integer vectors.
    case avx2 = "AVX2"
    /// x86: fused multiply and add.
    case fma = "FMA"
    /// x86: half-precision conversion.
    case f16c = "F16C"
    /// x86: 512-bit vectors.
    case avx512 = "AVX-512"
    /// x86: 512-bit integer dot products.
    case avx512VNNI = "AVX-512 VNNI"
    /// x86: 512-bit brain-float products.
    case avx512BF16 = "AVX-512 BF16"
    /// x86: 256-bit integer dot products.
    case avxVNNI = "AVX-VNNI"
    /// x86: 8-bit integer tiles.
    case amxInt8 = "AMX INT8"
    /// Arm: 128-bit vectors.
    case neon = "NEON"
    /// Arm: integer dot products.
    case dotProduct = "DOTPROD"
    /// Arm: 8-bit integer matrix products.
    case int8MatrixMultiply = "I8MM"
    /// Arm: brain-float products.
    case bf16 = "BF16"
    /// Arm: scalable vectors.
    case sve = "SVE"
    /// Arm: scalable matrices.
    case sme = "SME"

    /// The words for it in `/proc/cpuinfo`; 32-bit Arm says `neon`, 64-bit `asimd`.
    var linuxFlags: [String] {
        switch self {
        case .avx2: ["avx2"]
        case .fma: ["fma"]
        case .f16c: ["f16c"]
        case .avx512: ["avx512f"]
        case .avx512VNNI: ["avx512_vnni"]
        case .avx512BF16: ["avx512_bf16"]
        case .avxVNNI: ["avx_vnni"]
        case .amxInt8: ["amx_int8"]
        case .neon: ["asimd", "neon"]
        case .dotProduct: ["asimddp"]
        case .int8MatrixMultiply: ["i8mm"]
        case .bf16: ["bf16"]
        case .sve: ["sve"]
        case .sme: ["sme"]
        }
    }

    /// Its `sysctl` name on a Mac with Apple silicon.
    var darwinName: String? {
        switch self {
        case .neon: "hw.optional.AdvSIMD"
        case .dotProduct: "hw.optional.arm.FEAT_DotProd"
        case .int8MatrixMultiply: "hw.optional.arm.FEAT_I8MM"
        case .bf16: "hw.optional.arm.FEAT_BF16"
        case .sme: "hw.optional.arm.FEAT_SME"
        case .avx2: "hw.optional.avx2_0"
        case .fma: "hw.optional.fma"
        case .f16c: "hw.optional.f16c"
        case .avx512: "hw.optional.avx512f"
        default: nil
        }
    }
}
