public import CorralGGUF
public import CorralMemory

/// What a projector takes beside its model: the part that turns images or sound into tokens
/// (llama.cpp: `mmproj`, `tools/mtmd/clip.cpp`).
public struct ProjectorPlan: Hashable, Sendable {
    /// Its file.
    public let path: String

    /// The bytes of its weights, which are copied into memory, never mapped.
    public let weights: ByteCount

    /// A bound on what encoding one picture, or thirty seconds of sound, takes on top.
    public let compute: ByteCount

    /// All of it.
    public var total: ByteCount { weights + compute }

    /// Plans a projector from its header.
    ///
    /// - Parameter file: The file.
    public init(_ file: GGUFFile) {
        self.init(
            path: file.paths.first ?? "",
            metadata: file.metadata,
            tensorBytes: file.tensorBytes
        )
    }

    /// Plans a projector.
    ///
    /// - Parameters:
    ///   - path: Its file.
    ///   - metadata: Its metadata.
    ///   - tensorBytes: The bytes of its tensors.
    init(path: String, metadata: GGUFMetadata, tensorBytes: UInt64) {
        self.path = path
        // Padding of a few bytes a tensor; a megabyte is more than all of it.
        weights = ByteCount(clamping: tensorBytes) + .mebibytes(1)
        let towers = ["vision", "audio"].compactMap { Tower($0, metadata)?.computeBytes }
        compute = ByteCount(clamping: towers.max() ?? 0) + .mebibytes(8)
    }
}

/// One encoder of a projector: a transformer over patches of a picture or frames of sound.
private struct Tower {
    /// Patches or frames at once.
    var positions: UInt64
    var width: UInt64
    var feedForward: UInt64

    /// Patches of a picture on a model that takes any size: about 900 pixels square.
    ///
    /// Larger ones take more, which shows when they are measured.
    private static let usualPatches: UInt64 = 4096

    /// Frames of thirty seconds of sound, before they are thinned out (whisper's encoder).
    private static let soundFrames: UInt64 = 3000

    init?(_ kind: String, _ metadata: GGUFMetadata) {
        func number(_ name: String) -> UInt64? { metadata.unsigned("clip.\(kind).\(name)") }
        guard let width = number("embedding_length"), width > 0, width < 1 << 20 else {
            return nil
        }
        self.width = width
        feedForward = min(number("feed_forward_length") ?? 4 * width, 1 << 22)
        guard kind == "vision" else {
            positions = Self.soundFrames
            return
        }
        let side = min(number("image_size") ?? 0, 8192)
        let patch = max(1, number("patch_size") ?? 14)
        let fixed = (side / patch) * (side / patch)
        // Encoders of a fixed size say it; those of any size say none or a small one and cut
        // pictures as they come.
        let isFixed = Self.fixedSize.contains(metadata.string("clip.projector_type") ?? "")
        positions = isFixed ? max(1, fixed) : max(fixed, Self.usualPatches)
    }

    /// Projector types that scale every picture to one size (`clip.cpp`).
    private static let fixedSize: Set<String> = [
        "mlp", "mlp_norm", "ldp", "ldpv2", "gemma3", "gemma3nv", "resampler", "adapter", "llama4",
        "idefics3", "internvl",
    ]

    /// The activations that are alive at once, and the attention's mask: in 32-bit floats, eight
    /// of the width (residual, norm, Q, K, V, their product and two copies) and three of the
    /// feed-forward part.
    var computeBytes: UInt64 {
        let row = 8 * width + 3 * feedForward
        let (mask, overflow) = positions.multipliedReportingOverflow(by: positions)
        let (cells, isLarge) = positions.multipliedReportingOverflow(by: row)
        guard !overflow, !isLarge, cells < 1 << 60, mask < 1 << 60 else { return 1 << 62 }
        return 4 * (cells + mask)
    }
}
