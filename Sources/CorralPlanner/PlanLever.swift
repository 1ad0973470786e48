public import CorralMemory

/// One way to need less memory, and what it would save.
public struct PlanLever: Hashable, Sendable {
    /// What is changed, the cheapest for whoever uses the model first.
    public enum Kind: String, CaseIterable, Codable, Hashable, Sendable {
        /// Fewer tokens of a batch with logits: costs nothing where one token a request is sampled.
        case outputs
        /// Fused attention: costs nothing where the devices have it.
        case flashAttention = "flash_attention"
        /// Fewer tokens computed at once: prompts are read more slowly.
        case microBatch = "micro_batch"
        /// Quantized keys and values: answers differ a little.
        case cacheType = "kv_type"
        /// Less context: long conversations are cut.
        case context
        /// Other layers on the accelerators: answers come more slowly or faster.
        case gpuLayers = "gpu_layers"
    }

    /// What is changed.
    public var kind: Kind

    /// What it is changed to, in the words of `corral plan`'s options.
    public var change: String

    /// How the model is loaded then.
    public var load: LoadOptions

    /// What it takes then.
    public var plan: MemoryPlan

    /// What it saves in each domain; negative where something moves there.
    public var saves: DomainBytes
}

extension MemoryPlanner {
    /// The ways to need less, the one that costs least first; only those that save something.
    ///
    /// - Parameters:
    ///   - load: How the model is loaded now.
    ///   - plan: What it takes now.
    ///   - memory: The memory there is: where the plan does not fit, the context and the layers
    ///     offered are the most that do.
    /// - Returns: One lever of each kind at most, each by itself.
    public func levers(
        _ load: LoadOptions,
        _ plan: MemoryPlan,
        within memory: DomainBytes
    ) -> [PlanLever] {
        PlanLever.Kind.allCases.compactMap { kind in
            guard let (change, changed) = changed(kind, load, plan, memory),
                let less = try? self.plan(changed)
            else { return nil }
            let saves = plan.total - less.total
            let isWorthIt = saves.domains.contains { saves[$0] >= Self.worth }
            guard isWorthIt else { return nil }
            return PlanLever(kind: kind, change: change, load: changed, plan: less, saves: saves)
        }
    }

    /// Savings below this are not offered.
    private static let worth = ByteCount.kibibytes(256)

    private func changed(
        _ kind: PlanLever.Kind,
        _ load: LoadOptions,
        _ plan: MemoryPlan,
        _ memory: DomainBytes
    ) -> (String, LoadOptions)? {
        var changed = load
        switch kind {
        case .outputs:
            let outputs = load.context.outputs ?? load.context.batch
            guard load.role == .chat, !load.context.embeddings, outputs > plan.sequences else {
                return nil
            }
            changed.context.outputs = plan.sequences
            return ("--outputs \(plan.sequences)", changed)
        case .flashAttention:
            guard !plan.flashAttention, !row.traits.contains(.noFlashAttention) else { return nil }
            changed.context.flashAttention = .on
            return ("--flash-attn on", changed)
        case .microBatch:
            let tokens = load.role == .chat ? 128 : load.context.microBatch / 2
            guard tokens < load.context.microBatch, tokens >= 64 else { return nil }
            changed.context.microBatch = tokens
            if load.role != .chat { changed.context.batch = tokens }
            return ("--ubatch \(tokens)", changed)
        case .cacheType:
            let type: CacheType? =
                switch load.context.keyCacheType {
                case .f32, .f16, .bf16: .q8_0
                case .q8_0: .q4_0
                default: nil
                }
            guard let type, plan.flashAttention, load.context.valueCacheType != type else {
                return nil
            }
            changed.context.keyCacheType = type
            changed.context.valueCacheType = type
            return ("--kv-type \(type)", changed)
        case .context:
            guard load.role == .chat, let tokens = lessContext(load, plan, memory) else {
                return nil
            }
            changed.context.contextTokens = tokens
            return ("--context \(tokens)", changed)
        case .gpuLayers:
            guard let layers = otherLayers(load, plan, memory) else { return nil }
            changed.gpuLayers = layers
            return ("--gpu-layers \(layers)", changed)
        }
    }

    /// Half the context where all fits, else the most that does.
    private func lessContext(
        _ load: LoadOptions,
        _ plan: MemoryPlan,
        _ memory: DomainBytes
    ) -> Int? {
        if plan.total.fits(in: memory) {
            let half = plan.contextTokens / 2
            return half >= Self.smallestContext ? half : nil
        }
        let search = try? largestContext(load, within: memory, ceiling: plan.contextTokens)
        return search?.plan.map(\.contextTokens).flatMap { $0 < plan.contextTokens ? $0 : nil }
    }

    /// Where an accelerator is too full, the most layers that fit; where the host is, the fewest
    /// that leave it enough.
    private func otherLayers(
        _ load: LoadOptions,
        _ plan: MemoryPlan,
        _ memory: DomainBytes
    ) -> Int? {
        guard !load.accelerators.isEmpty, !plan.total.fits(in: memory) else { return nil }
        let all = model.layerCount + 1
        let isHostShort = plan.total[.host] > memory[.host]
        let candidates =
            isHostShort
            ? Array(stride(from: min(load.gpuLayers, all) + 1, through: all, by: 1))
            : Array(stride(from: min(load.gpuLayers, all) - 1, through: 0, by: -1))
        return candidates.first { layers in
            var changed = load
            changed.gpuLayers = layers
            return (try? self.plan(changed))?.total.fits(in: memory) ?? false
        }
    }

    private var row: Architecture { model.row }
}
