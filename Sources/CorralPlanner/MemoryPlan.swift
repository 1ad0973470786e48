public import CorralMemory

/// How much memory a model takes once it is loaded, part by part.
///
/// A plan is an upper bound on what the process holds at its fullest: caches full, the largest
/// batch computed, prompt cache and checkpoints at their limits.
public struct MemoryPlan: Hashable, Sendable {
    /// Where a number comes from.
    public enum Source: String, CaseIterable, Codable, Hashable, Sendable {
        /// Computed as llama.cpp computes it, to the byte.
        case exact
        /// Asked of llama.cpp, which built the model without its weights.
        case dryRun
        /// Computed with a margin, so that the truth is not above it.
        case closedForm
        /// Seen in a live process.
        case measured
    }

    /// Bytes, and where their number comes from.
    public struct Term: Hashable, Sendable {
        /// The bytes.
        public var bytes: ByteCount
        /// Where their number comes from.
        public var source: Source

        /// Creates a term.
        ///
        /// - Parameters:
        ///   - bytes: The bytes.
        ///   - source: Where their number comes from.
        public init(_ bytes: ByteCount, _ source: Source) {
            self.bytes = bytes
            self.source = source
        }

        /// No bytes, and sure of it.
        public static let none = Term(.zero, .exact)
    }

    /// What one of llama.cpp's buffer types holds.
    public struct Buffer: Hashable, Sendable {
        /// The name llama.cpp gives it, such as `CPU`, `CPU_REPACK` or `CUDA0`.
        public var name: String
        /// The pool its memory is in.
        public var domain: MemoryDomain
        /// The weights.
        public var weights: Term
        /// Keys and values of the tokens seen.
        public var cache: Term
        /// The states of recurrent layers.
        public var recurrent: Term
        /// What a batch is computed in.
        public var compute: Term

        /// All of it.
        public var total: ByteCount {
            weights.bytes + cache.bytes + recurrent.bytes + compute.bytes
        }
    }

    /// The tokens of all sequences together.
    public var contextTokens: Int

    /// The tokens one sequence may have.
    public var contextTokensPerSequence: Int

    /// The most conversations at once.
    public var sequences: Int

    /// Whether attention is fused.
    public var flashAttention: Bool

    /// llama.cpp's buffers, the host's first.
    public var buffers: [Buffer]

    /// The host's buffer for logits and embeddings as it is created.
    public var output: Term

    /// What that buffer grows by when a full batch asks for embeddings.
    public var outputGrowth: Term

    /// Vocabulary, bookkeeping of cells and graphs, on the host.
    public var hostHeap: Term

    /// Where the CPU converts activations for its products.
    public var workBuffer: Term

    /// The process itself: what it samples tokens with.
    public var process: Term

    /// Finished prompts kept for later, at their limit.
    public var promptCache: Term

    /// States kept of conversations, at their limit.
    public var checkpoints: Term

    /// The projector's weights and what a picture is encoded in.
    public var projector = Term.none

    /// Where the projector is.
    public var projectorDomain = MemoryDomain.host

    /// One of these states, which the first long prompt leaves behind.
    public var checkpoint = ByteCount.zero

    /// What each token of a sequence's context adds to the host's mask of attention, whose pages are
    /// touched only as the context fills.
    var maskRow = ByteCount.zero

    /// The tokens that a conversation has had when a measurement is compared with ``settled``.
    public var filledTokens = 0

    /// What is in the memory of accelerators besides buffers, such as a driver's context: nothing
    /// until a live process was measured.
    public var drivers: [MemoryDomain: Term] = [:]

    /// How much of the host's plain weights is pages of the file: reclaimable, and held once by all
    /// that map it.
    public var fileBacked: ByteCount

    /// The bytes of the host's plain weights that are used where the file is mapped, not copied.
    public var mappedInPlace: ByteCount

    /// True where the architecture is not known and every layer was taken for dense.
    public var isConservative: Bool
}

extension MemoryPlan {
    /// The terms that are in the host's memory but in no buffer.
    public var hostTerms: [(name: String, term: Term)] {
        [
            ("output", output), ("output growth", outputGrowth), ("host heap", hostHeap),
            ("work buffer", workBuffer), ("process", process), ("prompt cache", promptCache),
            ("checkpoints", checkpoints),
        ]
    }

    /// What the process holds for itself: everything but pages of the file.
    public var exclusive: DomainBytes {
        var bytes = DomainBytes.zero
        for buffer in buffers { bytes[buffer.domain] += buffer.total }
        for (_, term) in hostTerms { bytes[.host] += term.bytes }
        for (domain, term) in drivers { bytes[domain] += term.bytes }
        bytes[projectorDomain] += projector.bytes
        bytes[.host] -= mappedInPlace
        return bytes
    }

    /// All memory in each domain, pages of the file included.
    public var total: DomainBytes { exclusive + .host(fileBacked) }

    /// The plan as the cache reserves it.
    ///
    /// - Parameter sharedName: A name for the file's mapped pages, the same for all that map the
    ///   same file; `nil` to count them as the process's own.
    /// - Returns: What is the model's own, and what it may share.
    public func footprint(sharedName: String?) -> Footprint {
        guard let sharedName, fileBacked > .zero else { return Footprint(exclusive: total) }
        return Footprint(
            exclusive: exclusive,
            shared: [SharedPart(name: sharedName, bytes: .host(fileBacked))]
        )
    }
}
