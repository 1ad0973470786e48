import CLlama
import CorralPlanner
import Synchronization

/// A model's memory of what it has read, and what it computes in.
///
/// It belongs to one thread: it is not `Sendable`, and made where it is used.
@safe final class Context {
    let weights: Weights
    let contextTokens: Int
    let batchTokens: Int
    let sequences: Int

    // Made by init, freed by deinit, never handed out.
    private let handle: OpaquePointer
    private var batch: llama_batch
    private let abandon: AbandonFlag

    /// Makes a context.
    ///
    /// - Returns: `nil` where llama.cpp could not.
    init?(_ weights: Weights, _ plan: LlamaPlan, abandon: AbandonFlag) {
        let load = plan.load
        var parameters = unsafe llama_context_default_params()
        unsafe parameters.n_ctx = UInt32(clamping: plan.memory.contextTokens)
        unsafe parameters.n_batch = UInt32(clamping: load.context.batch)
        unsafe parameters.n_ubatch = UInt32(clamping: load.context.microBatch)
        unsafe parameters.n_seq_max = UInt32(clamping: load.context.sequences)
        unsafe parameters.n_outputs_max = UInt32(clamping: load.context.outputs ?? 0)
        unsafe parameters.n_threads = Int32(clamping: load.threads)
        unsafe parameters.n_threads_batch = Int32(clamping: load.threads)
        unsafe parameters.kv_unified = load.context.unifiedCache
        unsafe parameters.swa_full = load.context.fullWindowCache
        unsafe parameters.flash_attn_type =
            plan.memory.flashAttention
            ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_DISABLED
        unsafe parameters.type_k = Self.type(load.context.keyCacheType)
        unsafe parameters.type_v = Self.type(load.context.valueCacheType)
        unsafe parameters.offload_kqv = load.offloadsCache
        unsafe parameters.op_offload = load.gpuLayers > 0 && !load.accelerators.isEmpty
        unsafe parameters.embeddings = load.context.embeddings
        unsafe parameters.pooling_type = Self.pooling(plan.pooling)
        unsafe parameters.no_perf = true
        guard let handle = unsafe llama_init_from_model(weights.handle, parameters) else {
            return nil
        }
        unsafe self.handle = handle
        self.weights = weights
        self.abandon = abandon
        contextTokens = Int(unsafe llama_n_ctx_seq(handle))
        batchTokens = Int(unsafe llama_n_batch(handle))
        sequences = load.context.sequences
        unsafe batch = llama_batch_init(Int32(clamping: batchTokens), 0, 1)
        // The flag lives as long as this object, which frees the context before it goes.
        unsafe llama_set_abort_callback(
            handle,
            { flag in
                guard let flag = unsafe flag else { return false }
                // Asked before each of a graph's operations, so nothing is retained for it.
                return unsafe Unmanaged<AbandonFlag>.fromOpaque(flag)
                    ._withUnsafeGuaranteedRef { $0.isSet }
            },
            Unmanaged.passUnretained(abandon).toOpaque()
        )
    }

    deinit {
        unsafe llama_batch_free(batch)
        unsafe llama_free(handle)
    }

    /// Whether the context remembers tokens, without which nothing can be generated.
    var hasMemory: Bool { unsafe llama_get_memory(handle) != nil }

    /// Whether what is remembered can be moved to other positions.
    var canShift: Bool {
        guard let memory = unsafe llama_get_memory(handle) else { return false }
        return unsafe llama_memory_can_shift(memory)
    }

    // MARK: Batches

    /// What became of a batch.
    enum Outcome: Hashable {
        case computed
        /// There was no room; nothing has changed.
        case noRoom
        /// It was abandoned; what is remembered is not known.
        case abandoned
        case failed(Int)
    }

    /// Computes a batch.
    func compute(_ entries: [BatchEntry]) -> Outcome {
        precondition(entries.count <= batchTokens, "a batch larger than was planned")
        unsafe batch.n_tokens = Int32(entries.count)
        for (index, entry) in entries.enumerated() {
            // Within the arrays that llama_batch_init made.
            unsafe batch.token[index] = entry.token
            unsafe batch.pos[index] = Int32(entry.position)
            unsafe batch.n_seq_id[index] = 1
            unsafe batch.seq_id[index]?[0] = Int32(entry.sequence)
            unsafe batch.logits[index] = entry.hasOutput ? 1 : 0
        }
        let result = unsafe llama_decode(handle, batch)
        return switch result {
        case 0: .computed
        case 1: .noRoom
        case 2: .abandoned
        default: .failed(Int(result))
        }
    }

    /// The vector of a sequence of the last batch; `nil` where there is none.
    func vector(ofSequence sequence: Int, width: Int) -> [Float]? {
        guard let start = unsafe llama_get_embeddings_seq(handle, Int32(sequence)) else {
            return nil
        }
        // llama.cpp promises as many floats as the model's embeddings have, for ranks at least one.
        return unsafe Array(UnsafeBufferPointer(start: start, count: width))
    }

    /// The likeliest token behind an entry of the last batch, the first of several; `nil` where there
    /// are no logits.
    func likeliest(_ index: Int) -> Token? {
        guard let start = unsafe llama_get_logits_ith(handle, Int32(index)) else { return nil }
        // llama.cpp promises a float for each token of the vocabulary.
        let logits = unsafe Span(_unsafeStart: start, count: weights.vocabularySize)
        return Likeliest.index(in: logits).map { Token($0) }
    }

    /// Samples a token from an entry of the last batch, and has the sampler know of it.
    func sample(_ chain: UnsafeMutablePointer<llama_sampler>, _ index: Int) -> Token {
        unsafe llama_sampler_sample(chain, handle, Int32(index))
    }

    // MARK: Memory

    /// Forgets what a sequence knows from a position on.
    ///
    /// - Returns: Whether it could; all of a sequence can always be forgotten.
    @discardableResult
    func forget(_ sequence: Int, from position: Int = 0) -> Bool {
        guard let memory = unsafe llama_get_memory(handle) else { return true }
        return unsafe llama_memory_seq_rm(memory, Int32(sequence), Int32(position), -1)
    }

    /// Has a sequence know the first tokens of another, without computing them again.
    func copy(from source: Int, to target: Int, count: Int) {
        guard let memory = unsafe llama_get_memory(handle) else { return }
        unsafe llama_memory_seq_cp(memory, Int32(source), Int32(target), 0, Int32(count))
    }

    /// Forgets some tokens of a sequence and moves those behind them up.
    func shift(_ sequence: Int, from position: Int, by count: Int) {
        guard let memory = unsafe llama_get_memory(handle) else { return }
        let (begin, end) = (Int32(position), Int32(position + count))
        unsafe llama_memory_seq_rm(memory, Int32(sequence), begin, end)
        unsafe llama_memory_seq_add(memory, Int32(sequence), end, -1, -Int32(count))
    }

    // MARK: State

    /// Writes what a sequence knows to a file.
    ///
    /// - Returns: The bytes written; 0 where it failed.
    func save(_ sequence: Int, tokens: [Token], to path: String) -> Int {
        unsafe llama_state_seq_save_file(handle, path, Int32(sequence), tokens, tokens.count)
    }

    /// Reads what a sequence shall know from a file.
    ///
    /// - Returns: The tokens it knows then; `nil` where it failed.
    func restore(_ sequence: Int, from path: String) -> [Token]? {
        var tokens = [Token](repeating: 0, count: contextTokens)
        var count = 0
        let read = unsafe llama_state_seq_load_file(
            handle,
            path,
            Int32(sequence),
            &tokens,
            tokens.count,
            &count
        )
        return read > 0 ? Array(tokens.prefix(count)) : nil
    }

    private static func type(_ type: CacheType) -> ggml_type {
        switch type {
        case .f32: GGML_TYPE_F32
        case .f16: GGML_TYPE_F16
        case .bf16: GGML_TYPE_BF16
        case .q8_0: GGML_TYPE_Q8_0
        case .q5_1: GGML_TYPE_Q5_1
        case .q5_0: GGML_TYPE_Q5_0
        case .q4_1: GGML_TYPE_Q4_1
        case .q4_0: GGML_TYPE_Q4_0
        case .iq4_nl: GGML_TYPE_IQ4_NL
        }
    }

    private static func pooling(_ pooling: ModelDescription.Pooling?) -> llama_pooling_type {
        switch pooling {
        case nil: LLAMA_POOLING_TYPE_UNSPECIFIED
        case .some(.none): LLAMA_POOLING_TYPE_NONE
        case .mean: LLAMA_POOLING_TYPE_MEAN
        case .cls: LLAMA_POOLING_TYPE_CLS
        case .last: LLAMA_POOLING_TYPE_LAST
        case .rank: LLAMA_POOLING_TYPE_RANK
        }
    }
}

/// One token of a batch.
struct BatchEntry: Hashable, Sendable {
    var sequence: Int
    var position: Int
    var token: Token
    /// Whether logits or a vector are wanted behind it.
    var hasOutput: Bool
}

/// Tells a batch that is being computed to give up.
final class AbandonFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set(_ value: Bool) { flag.store(value, ordering: .relaxed) }
}
