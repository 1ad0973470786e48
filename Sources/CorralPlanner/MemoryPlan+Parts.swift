public import CorralMemory

extension MemoryPlan {
    /// What memory is for.
    public enum PartKind: String, CaseIterable, Codable, Hashable, Sendable {
        /// The model's weights, mapped, copied or repacked.
        case weights
        /// Keys and values of the tokens seen.
        case cache = "kv"
        /// The states of recurrent layers.
        case recurrent
        /// What a batch is computed in.
        case compute
        /// Logits and embeddings, as the buffer is created.
        case output
        /// What that buffer grows by.
        case outputGrowth = "output_growth"
        /// Vocabulary and bookkeeping.
        case hostHeap = "host_heap"
        /// Where the CPU converts activations.
        case workBuffer = "work_buffer"
        /// The program, its libraries and its allocator; on an accelerator the driver's context.
        case process
        /// Finished prompts kept for later, at their limit.
        case promptCache = "prompt_cache"
        /// States kept of conversations, at their limit.
        case checkpoints
        /// What turns images or sound into tokens.
        case projector
    }

    /// What one kind of memory takes.
    public struct Part: Hashable, Sendable {
        /// What it is for.
        public var kind: PartKind
        /// How much it is.
        public var bytes: ByteCount
        /// Where the number comes from; of several the least certain.
        public var source: Source

        init(_ kind: PartKind, _ terms: [Term]) {
            self.kind = kind
            bytes = terms.reduce(.zero) { $0 + $1.bytes }
            let counted = terms.contains { $0.bytes != .zero }
            source =
                terms.filter { !counted || $0.bytes != .zero }.map(\.source)
                .max { $0.doubt < $1.doubt } ?? .exact
        }
    }

    /// All the plan's memory by what it is for.
    public var parts: [Part] { PartKind.allCases.map { Part($0, terms($0) { _ in true }) } }

    /// One domain's memory by what it is for.
    ///
    /// - Parameter domain: The domain.
    /// - Returns: A part for each kind, some of them of no bytes.
    public func parts(in domain: MemoryDomain) -> [Part] {
        PartKind.allCases.map { Part($0, terms($0) { $0 == domain }) }
    }

    private func terms(_ kind: PartKind, _ isWanted: (MemoryDomain) -> Bool) -> [Term] {
        let held = buffers.filter { isWanted($0.domain) }
        func onHost(_ term: Term) -> [Term] { isWanted(.host) ? [term] : [] }
        return switch kind {
        case .weights: held.map(\.weights)
        case .cache: held.map(\.cache)
        case .recurrent: held.map(\.recurrent)
        case .compute: held.map(\.compute)
        case .output: onHost(output)
        case .outputGrowth: onHost(outputGrowth)
        case .hostHeap: onHost(hostHeap)
        case .workBuffer: onHost(workBuffer)
        case .process: onHost(process) + drivers.filter { isWanted($0.key) }.map(\.value)
        case .promptCache: onHost(promptCache)
        case .checkpoints: onHost(checkpoints)
        case .projector: isWanted(projectorDomain) ? [projector] : []
        }
    }
}

extension MemoryPlan.Source {
    /// How unsure a number of this source is, for the least sure of several.
    fileprivate var doubt: Int {
        switch self {
        case .exact: 0
        case .dryRun: 1
        case .measured: 2
        case .closedForm: 3
        }
    }
}
