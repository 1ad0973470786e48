public import CorralMemory

/// The largest context that fits into given memory, or why none does.
public enum ContextSearch: Hashable, Sendable {
    /// The plan with the largest context that fits.
    case fits(MemoryPlan)
    /// Not even the smallest context fits.
    case doesNotFit(Shortfall)

    /// What the smallest context needs, against what there is.
    public struct Shortfall: Hashable, Sendable {
        /// The plan with the smallest context.
        public var smallest: MemoryPlan
        /// The memory there is.
        public var available: DomainBytes

        /// What is missing, domain by domain.
        public var missing: DomainBytes { smallest.total.excess(over: available) }
    }

    /// The plan that fits, if one does.
    public var plan: MemoryPlan? {
        if case .fits(let plan) = self { plan } else { nil }
    }
}

extension MemoryPlanner {
    /// The smallest context worth loading a model for, in tokens.
    public static let smallestContext = 512

    /// Finds the largest context that fits.
    ///
    /// It is a multiple of 256 for each cache, at least 512, and at most what the model was trained
    /// on, for each cache, and `ceiling`. Memory grows with the context, but for a percent at most
    /// where the compute buffer has fewer gaps, so the answer is found by bisection.
    ///
    /// - Parameters:
    ///   - options: How the model is loaded; their context is not looked at.
    ///   - memory: The bytes there are in each domain, for everything the plan's
    ///     ``MemoryPlan/total`` counts.
    ///   - ceiling: The most tokens wanted; `nil` for no limit.
    /// - Returns: The plan with the largest context that fits, or what is short of the smallest.
    /// - Throws: Where llama.cpp would refuse the options.
    public func largestContext(
        _ options: LoadOptions,
        within memory: DomainBytes,
        ceiling: Int? = nil
    ) throws(PlanError) -> ContextSearch {
        let placed = Placement(model, options)
        func plan(_ steps: Int, _ step: Int) throws(PlanError) -> MemoryPlan {
            var options = options
            options.context.contextTokens = steps * step
            return try self.plan(options, placed)
        }
        let streams = options.context.unifiedCache ? 1 : max(1, min(options.context.sequences, 256))
        let step = Int(ContextShape.step) * streams
        var limit = model.trainingContext > 0 ? model.trainingContext * streams : Int(Int32.max) / 2
        if let ceiling { limit = min(limit, ceiling) }
        // A model trained on less, or a lower ceiling, may have less than 512.
        let lowest = max(1, (Self.smallestContext + step - 1) / step)
        var low = max(1, min(lowest, limit / step))
        var high = max(low, limit / step)

        var best = try plan(low, step)
        guard best.total.fits(in: memory) else {
            return .doesNotFit(ContextSearch.Shortfall(smallest: best, available: memory))
        }
        while low < high {
            let middle = low + (high - low + 1) / 2
            let candidate = try plan(middle, step)
            if candidate.total.fits(in: memory) {
                (low, best) = (middle, candidate)
            } else {
                high = middle - 1
            }
        }
        return .fits(best)
    }

    /// What one more token of context costs once windows are full: the slope of the caches.
    ///
    /// - Parameter options: How the model is loaded.
    /// - Returns: Bytes per token.
    /// - Throws: Where llama.cpp would refuse the options.
    public func cacheBytesPerToken(_ options: LoadOptions) throws(PlanError) -> Double {
        let map = DeviceMap(layers: model.parameters.layers.count, options)
        var shape = try ContextShape(options.context, model.parameters, model.row)
        func cache(_ tokens: Int64) -> Double {
            shape.sequenceTokens = tokens
            let sizes = CacheSizes(
                model.parameters,
                model.row,
                shape,
                map,
                offloads: options.offloadsCache
            )
            return Double(sizes.cache.values.reduce(.zero, +).rawValue)
        }
        // Wide enough apart for caches that hold one cell for 128 tokens, in steps of 256 cells.
        let (low, high): (Int64, Int64) = (1 << 21, 1 << 22)
        let growth = cache(high) - cache(low)
        return growth / Double((high - low) * shape.streams)
    }
}
