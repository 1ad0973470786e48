/// The instruction sets that decide which weights llama.cpp repacks for the CPU
/// (`ggml_repack_get_optimal_repack_type` in `repack.cpp`, llama.cpp b11434).
///
/// What counts is what the loaded CPU backend was compiled for; a native build, and a build with
/// all variants, use what the machine has.
public struct CPUFeatures: OptionSet, Hashable, Sendable {
    /// One bit a feature.
    public let rawValue: Int

    /// Creates a set from its bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// x86 vectors of 256 bits: repacks Q4_0, Q4_K, IQ4_NL and MXFP4.
    public static let avx2 = CPUFeatures(rawValue: 1 << 0)
    /// x86 vectors of 512 bits: repacks Q2_K too.
    public static let avx512 = CPUFeatures(rawValue: 1 << 1)
    /// Arm vectors; what follows needs them.
    public static let neon = CPUFeatures(rawValue: 1 << 2)
    /// Arm dot products: repacks Q1_0, Q4_0, Q8_0, Q4_K, Q5_K, Q6_K, IQ4_NL and MXFP4.
    public static let dotProduct = CPUFeatures(rawValue: 1 << 3)
    /// Arm 8-bit matrix products: as ``dotProduct``, but for IQ4_NL and MXFP4.
    public static let int8MatrixMultiply = CPUFeatures(rawValue: 1 << 4)
    /// IBM Z vectors: repacks Q4_0.
    public static let vxe = CPUFeatures(rawValue: 1 << 5)

    /// What every Apple chip since the M2 has.
    public static let appleSilicon: CPUFeatures = [.neon, .dotProduct, .int8MatrixMultiply]

    /// Reads the features from the text of Linux's `/proc/cpuinfo`.
    ///
    /// - Parameter linuxCPUInfo: The file's text; the first processor's `flags` (x86) or
    ///   `Features` (Arm) count.
    public init(linuxCPUInfo: String) {
        let names: [String: CPUFeatures] = [
            "avx2": .avx2, "avx512f": .avx512, "asimd": .neon, "neon": .neon,
            "asimddp": .dotProduct, "i8mm": .int8MatrixMultiply, "vxe": .vxe,
        ]
        let line = linuxCPUInfo.split(separator: "\n").first {
            $0.hasPrefix("flags") || $0.hasPrefix("Features") || $0.hasPrefix("features")
        }
        let words = line?.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ":" }) ?? []
        self = words.reduce(into: []) { set, word in
            if let feature = names[String(word)] { set.insert(feature) }
        }
    }

    /// The rows a type's repacked forms group.
    ///
    /// - Parameter type: The name ggml prints, such as `q4_K`.
    /// - Returns: The row counts; none where the type stays as it is.
    func repackedRows(_ type: String) -> [Int] {
        let i8mm = isSuperset(of: [.neon, .int8MatrixMultiply])
        let dot = isSuperset(of: [.neon, .dotProduct])
        let wide = contains(.avx2)
        return switch type {
        case "q4_0":
            (wide ? [8] : []) + (i8mm || dot || contains(.vxe) ? [4] : [])
        case "q4_K": wide || i8mm || dot ? [8] : []
        case "q2_K": contains(.avx512) ? [8] : []
        case "q5_K", "q6_K": i8mm || dot ? [8] : []
        case "iq4_nl", "mxfp4": (wide ? [8] : []) + (dot ? [4] : [])
        case "q8_0", "q1_0": i8mm || dot ? [4] : []
        default: []
        }
    }
}
