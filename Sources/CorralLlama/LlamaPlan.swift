public import CorralCache
public import CorralMemory
public import CorralPlanner

/// What loading a model will take, and with what it will be loaded.
public struct LlamaPlan: LoadPlan {
    /// The model.
    public let model: ModelID

    /// The options that were asked for.
    public let options: LlamaOptions

    /// The options the plan settled on, with nothing left open.
    public let load: LoadOptions

    /// The memory it takes, part by part.
    public let memory: MemoryPlan

    /// An upper bound on the memory the model will hold.
    ///
    /// Its weights are shared parts: one for the file's mapped pages, one for what is copied from
    /// the file, so that they are counted once however many roles the file plays.
    public let footprint: Footprint

    /// The bytes of the model's files.
    public let fileBytes: ByteCount

    /// The paths of the model's files.
    let files: [String]
    /// What tells these weights from others in memory.
    let weightsName: String
    /// The file's content, wherever it is.
    let fileIdentity: String
    /// How the vectors of a text's tokens become one.
    let pooling: ModelDescription.Pooling?

    /// The tokens of context one request can use.
    public var contextTokens: Int { memory.contextTokensPerSequence }

    init(
        _ model: ModelID,
        _ options: LlamaOptions,
        _ settled: LoadSizing.Settled,
        _ file: LlamaFile
    ) {
        self.model = model
        self.options = options
        load = settled.load
        memory = settled.plan
        files = file.paths
        fileBytes = file.description.fileBytes
        fileIdentity = file.identity
        pooling = Self.pooling(model.role, options, file.description)
        let file = file.description.sharedName ?? model.path
        let devices = settled.load.gpuLayers > 0 ? settled.load.accelerators.map(\.bufferName) : []
        weightsName =
            "\(file)|\(settled.load.loadMode)|\(settled.load.repacks)|\(settled.load.gpuLayers)"
            + "|\(devices.joined(separator: ","))"

        var weights = DomainBytes.zero
        for buffer in settled.plan.buffers { weights[buffer.domain] += buffer.weights.bytes }
        weights[.host] -= settled.plan.mappedInPlace
        var shared: [SharedPart] = []
        if settled.plan.fileBacked > .zero {
            shared.append(SharedPart(name: file, bytes: .host(settled.plan.fileBacked)))
        }
        if weights != .zero { shared.append(SharedPart(name: weightsName, bytes: weights)) }
        footprint = Footprint(exclusive: settled.plan.exclusive - weights, shared: shared)
    }

    /// What would make a model that is too large fit.
    public func remedies(within limits: DomainBytes) -> [String] {
        guard !footprint.total.fits(in: limits) else { return [] }
        var sentences = ["Ask for a context of fewer than \(contextTokens) tokens."]
        if load.role == .chat, memory.flashAttention, !load.context.keyCacheType.isQuantized {
            sentences.append("Store its KV cache as q8_0, which takes half the memory.")
        }
        return sentences
    }

    private static func pooling(
        _ role: ModelRole,
        _ options: LlamaOptions,
        _ description: ModelDescription
    ) -> ModelDescription.Pooling? {
        switch role {
        case .chat: return nil
        case .rerank: return .rank
        case .embed:
            if let asked = options.pooling { return asked }
            switch description.pooling {
            case nil, .some(.none): return .mean
            case let said: return said
            }
        }
    }
}
