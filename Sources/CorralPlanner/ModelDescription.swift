public import CorralGGUF
public import CorralMemory

/// What a model file says about itself, read once: what lists show, and what plans are made of.
public struct ModelDescription: Sendable {
    /// How the vectors of a text's tokens become one (`llama_pooling_type`).
    public enum Pooling: String, CaseIterable, Codable, Hashable, Sendable {
        /// Not at all: one vector a token.
        case none
        /// Their mean.
        case mean
        /// The first token's.
        case cls
        /// The last token's.
        case last
        /// A classifier's score.
        case rank
    }

    /// The architecture, such as `llama` or `qwen3moe`.
    public let architecture: String

    /// False for an architecture that is not in the table: its plans are then bounds that take
    /// every layer for dense.
    public let isKnownArchitecture: Bool

    /// The model's name where the file has one.
    public let name: String?

    /// What the model is for, as far as the file tells.
    public let role: ModelRole

    /// How the vectors of a text's tokens become one; `nil` where the file does not say.
    public let pooling: Pooling?

    /// Whether the file has a chat template.
    public let hasChatTemplate: Bool

    /// How most weights are stored, such as `Q4_K_M`.
    public let quantization: String

    /// The number of weights.
    public let parameterCount: UInt64

    /// The bytes of all weights in the file.
    public let weightBytes: ByteCount

    /// The bytes of all the model's files.
    public let fileBytes: ByteCount

    /// A name for the file's mapped pages: the same for every path to the same files, another where
    /// one was replaced; `nil` for a header without a file.
    public let sharedName: String?

    /// A name for the files' content, as far as their sizes and times tell: another where one was
    /// replaced, the same after the machine was started again; `nil` for a header without a file.
    public let fileIdentity: String?

    let parameters: HyperParameters
    let row: Architecture
    let weights: [Weight]
    let shapes: TensorShapes
    let merges: Int64

    /// Reads what a file says.
    ///
    /// - Parameter file: The opened file, all parts of it.
    /// - Throws: Where the file is not a language model, or a key is missing or makes no sense.
    public init(_ file: GGUFFile) throws(PlanError) {
        let parts = file.identity.map {
            "\($0.device):\($0.inode):\($0.byteCount):\($0.modifiedSeconds).\($0.modifiedNanoseconds)"
        }
        try self.init(
            shards: file.shards.map(\.header),
            fileBytes: ByteCount(clamping: file.fileBytes),
            sharedName: parts.joined(separator: "+"),
            fileIdentity: file.identity.map {
                // The number of a device may change when the machine is started again.
                "\($0.inode):\($0.byteCount):\($0.modifiedSeconds).\($0.modifiedNanoseconds)"
            }.joined(separator: "+")
        )
    }

    /// Reads what headers say, without their files: a plan before the download.
    ///
    /// - Parameters:
    ///   - shards: The header of each file of the model, the first with the metadata.
    ///   - fileBytes: The bytes of all the model's files.
    ///   - sharedName: A name for the files' mapped pages.
    ///   - fileIdentity: A name for the files' content.
    /// - Throws: Where they are not a language model's, or a key is missing or makes no sense.
    public init(
        shards: [GGUFHeader],
        fileBytes: ByteCount,
        sharedName: String? = nil,
        fileIdentity: String? = nil
    ) throws(PlanError) {
        let metadata = shards.first?.metadata ?? GGUFMetadata()
        guard let architecture = metadata.string("general.architecture") else {
            throw PlanError(
                .missingKey,
                subject: "general.architecture",
                "The file lacks general.architecture, so it is no model of llama.cpp; give a GGUF model."
            )
        }
        let tensors = shards.flatMap(\.tensors)
        let reader = MetadataReader(metadata: metadata, architecture: architecture)
        let known = Architecture.all[architecture]
        guard known?.traits.contains(.dependent) != true else {
            throw PlanError(
                .notAModel,
                subject: architecture,
                "The file holds a \(architecture), which llama.cpp loads only beside a language model; give the language model's file."
            )
        }
        row = known ?? .unknown(architecture, reader)
        parameters = try HyperParameters(reader, row, tensors: tensors)
        isKnownArchitecture = known != nil
        self.architecture = architecture
        self.fileBytes = fileBytes
        self.sharedName = sharedName
        self.fileIdentity = fileIdentity
        let traits = row.traits
        weights = shards.enumerated().flatMap { shard, header in
            header.tensors.map { Weight($0, shard: shard, traits) }
        }
        shapes = TensorShapes(tensors, layers: parameters.layers.count)
        merges = Int64(clamping: metadata.arrayCount("tokenizer.ggml.merges") ?? 0)

        name = metadata.string("general.name")
        hasChatTemplate = metadata.string("tokenizer.chat_template") != nil
        parameterCount = tensors.reduce(0) { $0 &+ $1.elementCount }
        weightBytes = tensors.reduce(.zero) { $0 + ByteCount(clamping: $1.byteCount) }
        quantization = Self.quantization(metadata, tensors)
        pooling = Self.pooling(reader)
        role = Self.role(row, pooling, tensors)
    }
}

extension ModelDescription {
    /// The architectures that this version knows and of whose compute buffer it gives a wide bound
    /// alone.
    package static var boundedArchitectures: [String] {
        Architecture.all.values.filter { !$0.traits.isDisjoint(with: [.bounded, .reordered]) }.map(
            \.name
        ).sorted()
    }

    /// The architectures that this version has rules for, in alphabetical order.
    public static var knownArchitectures: [String] {
        Architecture.all.values.filter { !$0.traits.contains(.dependent) }.map(\.name).sorted()
    }

    /// The layers, those that draft included.
    public var layerCount: Int { parameters.layers.count }

    /// The width of a token.
    public var embeddingLength: Int { Int(parameters.embedding) }

    /// The tokens of the vocabulary.
    public var vocabularySize: Int { Int(parameters.vocabulary) }

    /// The context the model was trained on, in tokens.
    public var trainingContext: Int { Int(parameters.trainingContext) }

    /// Each layer's attention heads.
    public var headCounts: [Int] { parameters.layers.map { Int($0.heads) } }

    /// Each layer's attention heads of keys and values; 0 where it has no attention.
    public var keyValueHeadCounts: [Int] { parameters.layers.map { Int($0.keyValueHeads) } }

    /// The tokens a sliding window holds; `nil` where no layer has one.
    public var slidingWindow: Int? { parameters.window > 0 ? Int(parameters.window) : nil }

    /// The experts of each layer that routes; 0 without.
    public var expertCount: Int { Int(parameters.compute.experts) }

    /// Whether any layer carries a recurrent state.
    public var isRecurrent: Bool { parameters.layers.contains(where: \.isRecurrent) }

    private static func pooling(_ reader: MetadataReader) -> Pooling? {
        let cases = Pooling.allCases
        guard let number = reader.metadata.signed(reader.key("pooling_type")),
            cases.indices.contains(Int(clamping: number))
        else { return nil }
        return cases[Int(number)]
    }

    private static func role(
        _ row: Architecture,
        _ pooling: Pooling?,
        _ tensors: [GGUFTensor]
    ) -> ModelRole {
        let isClassifier = tensors.contains {
            $0.name == "cls.weight" || $0.name == "cls.output.weight"
        }
        if pooling == .rank || (isClassifier && row.traits.contains(.encoder)) { return .rerank }
        if row.traits.contains(.encoder) { return .embed }
        return pooling == nil || pooling == Pooling.none ? .chat : .embed
    }

    /// `general.file_type` by name, else the type of most bytes.
    private static func quantization(
        _ metadata: GGUFMetadata,
        _ tensors: [GGUFTensor]
    ) -> String {
        if let number = metadata.signed("general.file_type"), let name = fileTypes[number] {
            return name
        }
        var bytes: [GGMLType: UInt64] = [:]
        for tensor in tensors { bytes[tensor.type, default: 0] &+= tensor.byteCount }
        let largest = bytes.max { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }
        return largest?.key.name.uppercased() ?? "none"
    }

    /// `enum llama_ftype` in `llama.h`.
    private static let fileTypes: [Int64: String] = [
        0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K",
        11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S",
        17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS",
        23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S",
        29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0",
        38: "MXFP4", 39: "NVFP4",
    ]
}

extension Weight {
    /// Describes a tensor of a file.
    fileprivate init(_ tensor: GGUFTensor, shard: Int, _ traits: Architecture.Traits) {
        let sizes = tensor.dimensions.map { Int64(clamping: $0) }
        // An exbibyte is more than any file has, and few enough that sums are numbers.
        let largest: UInt64 = 1 << 60
        self.init(
            use: TensorUse(tensor.name, traits),
            bytes: Int64(min(tensor.byteCount, largest)),
            columns: sizes.first ?? 1,
            rows: sizes.dropFirst().first ?? 1,
            dimensions: max(1, (sizes.lastIndex { $0 > 1 } ?? 0) + 1),
            type: tensor.type,
            shard: shard,
            offset: Int64(min(tensor.offset, largest)),
            isEmbedding: tensor.name == "token_embd.weight",
            isOutputMatrix: tensor.name == "output.weight",
            isLazy: tensor.name == "per_layer_token_embd.weight" && tensor.byteCount > 4 << 30
        )
    }
}

extension Architecture {
    /// A row for an architecture that is not in the table: every layer has a cache for the whole
    /// context and, where the file has such keys, a recurrent state besides, and matrices that may
    /// be held twice are.
    static func unknown(_ name: String, _ reader: MetadataReader) -> Architecture {
        let hasState =
            reader.has("ssm.inner_size") && reader.has("ssm.state_size")
            && reader.has("ssm.conv_kernel")
        return Architecture(
            name: name,
            recurrence: hasState ? .beside : .none,
            state: hasState ? .mamba2 : .none,
            traits: [.outputFirst, .cachesDraft, .bounded]
        )
    }
}
