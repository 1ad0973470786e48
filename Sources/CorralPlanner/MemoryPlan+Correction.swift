public import CorralMemory

extension MemoryPlan {
    /// The host bytes a process holds for itself that are computed or bounded by a buffer's size:
    /// what is measured above them is heap, work buffers and the process.
    var knownOnHost: ByteCount {
        let held = buffers.filter { $0.domain == .host }.reduce(ByteCount.zero) { $0 + $1.total }
        let beside = projectorDomain == .host ? projector.bytes : .zero
        return held - mappedInPlace + output.bytes + outputGrowth.bytes + beside
    }

    /// The host bytes that are only bounded, and that a measurement replaces.
    private var boundedOnHost: ByteCount { hostHeap.bytes + workBuffer.bytes + process.bytes }

    /// The plan with what was measured in place of what it can only bound.
    ///
    /// Weights, caches, states and the output buffer stay as they are. A measurement of the same
    /// way of loading after a full batch replaces the host's heap, work buffer and process, in
    /// either direction, and where even that is too much, so that part of the compute buffer was
    /// never touched, lowers the compute buffer. A measurement just after the load, or of another
    /// way of loading the same model, only ever raises the plan.
    ///
    /// - Parameters:
    ///   - corrections: What was measured of the model.
    ///   - options: How it is loaded.
    /// - Returns: The plan, or this one where nothing was measured.
    public func corrected(by corrections: ModelCorrections, _ options: LoadOptions) -> MemoryPlan {
        guard !corrections.byOptions.isEmpty else { return self }
        let own = corrections.byOptions[options.correctionText(self)]
        if let own, let full = own.most(at: .fullBatch) {
            var plan = replacing(measured: full)
            plan.filledTokens = own.filledTokens(at: .fullBatch) ?? filledTokens
            return plan
        }
        var plan = self
        if let loaded = own?.most(at: .loaded) { plan = plan.raised(to: loaded) }
        let kind = "\(options.process.rawValue) \(options.role.rawValue) "
        let rest = corrections.byOptions.filter { $0.key.hasPrefix(kind) }.values
            .compactMap { correction in
                correction.most(at: .fullBatch).map { $0[.host] - ByteCount(correction.known) }
            }.max()
        guard let rest, rest > plan.boundedOnHost else { return plan }
        return plan.bounding(with: rest)
    }

    /// What the process holds for itself after a full batch, without what grows to a limit later:
    /// what a measurement of it is compared with.
    public var settled: DomainBytes {
        let later = promptCache.bytes + checkpoints.bytes - checkpoint
        return exclusive - .host(later + untouched(after: filledTokens))
    }

    /// The bytes of the compute buffer that no batch touches before a conversation has more tokens.
    ///
    /// - Parameter tokens: The most tokens a conversation has had.
    /// - Returns: Bytes of the host.
    func untouched(after tokens: Int) -> ByteCount {
        let filled = Int(Int64(max(0, tokens)).padded(to: ContextShape.step))
        return maskRow * Int64(max(0, contextTokensPerSequence - filled))
    }

    private func replacing(measured: DomainBytes) -> MemoryPlan {
        var plan = self
        if measured[.host] > .zero {
            let rest = measured[.host] - knownOnHost - checkpoint
            plan = plan.bounding(with: max(.zero, rest))
            if rest < .zero { plan.lowerCompute(by: .zero - rest) }
        }
        return plan.addingDrivers(measured)
    }

    private func raised(to measured: DomainBytes) -> MemoryPlan {
        let missing = measured[.host] - settled[.host] - untouched(after: filledTokens)
        let plan = missing > .zero ? bounding(with: boundedOnHost + missing) : self
        return plan.addingDrivers(measured)
    }

    /// One measured number in place of heap, work buffer and process.
    private func bounding(with rest: ByteCount) -> MemoryPlan {
        var plan = self
        plan.hostHeap = Term(rest, .measured)
        plan.workBuffer = Term(.zero, .measured)
        plan.process = Term(.zero, .measured)
        return plan
    }

    /// Pages of the compute buffer that no batch touches are not resident on the host.
    private mutating func lowerCompute(by bytes: ByteCount) {
        var excess = bytes
        for index in buffers.indices where buffers[index].domain == .host {
            let lowered = min(excess, buffers[index].compute.bytes)
            guard lowered > .zero else { continue }
            buffers[index].compute = Term(buffers[index].compute.bytes - lowered, .measured)
            excess -= lowered
        }
    }

    /// What an accelerator holds above its buffers: the driver's context, libraries, pools.
    private func addingDrivers(_ measured: DomainBytes) -> MemoryPlan {
        var plan = self
        for domain in measured.domains where domain != .host {
            let beside = projectorDomain == domain ? projector.bytes : .zero
            let held = buffers.filter { $0.domain == domain }.reduce(beside) { $0 + $1.total }
            guard measured[domain] > held else { continue }
            plan.drivers[domain] = Term(measured[domain] - held, .measured)
        }
        return plan
    }
}
