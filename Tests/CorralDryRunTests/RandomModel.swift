import CorralPlanner
import CorralTesting

/// A model of random shape, of an architecture that llama.cpp knows: its metadata, to which llama.cpp
/// itself names the tensors (`corral-dry-run --tensors`).
///
/// Every key that any architecture reads is set, with the constraints between them that llama.cpp's
/// own `test-llama-archs.cpp` keeps; the sizes are random.
struct RandomModel: Sendable {
    let seed: UInt64
    let architecture: String
    var builder = GGUFBuilder()
    var random: SeededGenerator

    // The sizes that several keys depend on.
    var layers = 0
    var head = 0
    var heads = 0
    var keyValueHeads = 0
    var embedding = 0
    var feedForward = 0
    var vocabulary = 0

    init(seed: UInt64, architecture: String? = nil) {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        let names = Self.architectures
        let drawn = names[Int.random(in: 0..<names.count, using: &random)]
        self.architecture = architecture ?? drawn
        drawSizes()
        setCommonKeys()
        setAttentionKeys()
        setExpertKeys()
        setRecurrentKeys()
        setKeysOfOne()
    }

    /// The metadata alone, as a file.
    var metadata: [UInt8] { builder.file() }

    /// Those that llama.cpp can make from metadata alone.
    static let architectures = ModelDescription.knownArchitectures.filter {
        !unsupported.contains($0)
    }

    /// `test-llama-archs.cpp` leaves these out: they have no usable implementation, or need
    /// adapters that metadata does not describe.
    static let unsupported: Set<String> = [
        "chameleon", "deepseek2-ocr", "gptj", "graniteswitch",
    ]
}
