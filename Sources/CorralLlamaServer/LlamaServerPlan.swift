public import CorralCache
public import CorralMemory
public import CorralPlanner

/// What loading a model will take, and with what it will be loaded.
public struct LlamaServerPlan: LoadPlan {
    /// The model.
    public let model: ModelID

    /// The options that were asked for.
    public let options: LlamaServerOptions

    /// The options the plan settled on, with nothing left open.
    public let load: LoadOptions

    /// The memory it takes, part by part.
    public let memory: MemoryPlan

    /// An upper bound on the memory the model will hold; mapped weights are a shared part.
    public let footprint: Footprint

    /// How long the load may take.
    public let deadline: Duration

    /// The bytes of the model's files.
    public let fileBytes: ByteCount

    let planner: MemoryPlanner

    /// The tokens of context one request can use.
    public var contextTokens: Int { memory.contextTokensPerSequence }

    init(
        _ model: ModelID,
        _ options: LlamaServerOptions,
        _ settled: LoadSizing.Settled,
        _ planner: MemoryPlanner
    ) {
        self.model = model
        self.options = options
        load = settled.load
        memory = settled.plan
        self.planner = planner
        fileBytes = planner.model.fileBytes
        footprint = settled.plan.footprint(sharedName: planner.model.sharedName)
        // Slower than the slowest disk worth keeping models on: 50 MB/s, after half a minute for
        // the rest.
        deadline =
            options.loadDeadline
            ?? .seconds(30 + Double(max(0, fileBytes.rawValue)) / 50e6)
    }

    /// What would make a model that is too large fit: a smaller context, or a quantized KV cache.
    public func remedies(within limits: DomainBytes) -> [String] {
        guard !footprint.total.fits(in: limits) else { return [] }
        return Remedies(planner: planner, load: load, memory: memory, limits: limits).sentences
    }
}
