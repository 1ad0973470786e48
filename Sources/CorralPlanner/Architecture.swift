/// What llama.cpp's source says about one architecture, as far as memory depends on it.
///
/// ``all`` is the one table of them; most rows need nothing but a name. Where a rule reads a key,
/// the key is named without the architecture, as in `attention.sliding_window`.
struct Architecture: Sendable {
    /// The value of `general.architecture`.
    var name: String

    /// What a context remembers of the tokens before.
    var memory = Memory.cache

    /// Which layers see only the latest tokens.
    var window = Window.none

    /// Which layers are recurrent.
    var recurrence = Recurrence.none

    /// What one sequence's recurrent state is made of.
    var state = State.none

    /// A second cache, of the keys that choose what attention looks at.
    var indexer = Indexer.none

    /// What concerns weights, caches or options.
    var traits: Traits = []

    /// How a batch is computed where the weights' names do not tell.
    var flow: Flow = []

    /// What a context remembers of the tokens before (`llama_model::create_memory`).
    enum Memory: Sendable {
        /// Keys and values of every token, and a recurrent state where layers are recurrent.
        case cache
        /// Nothing: the model sees one batch at a time.
        case none
        /// DeepSeek V4: a window, and the tokens before it compressed by 4 and by 128.
        case compressed
    }

    /// Which layers see only the latest tokens (`load_arch_hparams`, `load_swa_pattern`).
    ///
    /// Where a layout has a period, `attention.sliding_window_pattern` may give another one, or a
    /// flag for each layer.
    enum Window: Sendable {
        /// None, whatever the file says.
        case none
        /// All but the last of every `period` layers.
        case denseLast(_ period: Int, Size)
        /// All but the first of every `period` layers.
        case denseFirst(_ period: Int, Size)
        /// Those `attention.sliding_window_pattern` lists.
        case listed(Size)
        /// All that are not recurrent.
        case attention(Size)
        /// Every layer, the layers that draft among them.
        case all(Size)
    }

    /// How long a window is.
    enum Size: Sendable {
        /// `attention.sliding_window`, which must be there.
        case required
        /// `attention.sliding_window`; without it, or with 0, no layer has a window.
        case optional
        /// `attention.sliding_window`, else this many tokens.
        case otherwise(Int64)
        /// This many where `attention.sliding_window` is above 0, else no layer has a window.
        case fixedIfPositive(Int64)
        /// This many unless `attention.sliding_window` is 0.
        case fixedUnlessZero(Int64)
        /// As `otherwise`, but only in models of exactly so many layers.
        case otherwiseIn(layers: Int, Int64)
    }

    /// Which layers are recurrent.
    enum Recurrence: Sendable {
        case none
        /// All; there is no attention.
        case all
        /// All, and all have attention besides.
        case beside
        /// Those with no key-value heads.
        case headless
        /// Those with neither key-value heads nor a feed-forward part; attention has no
        /// feed-forward part either.
        case bare
        /// Those `attention.recurrent_layers` names, else all but each `n`-th, `n` being
        /// `full_attention_interval` or this.
        case allButEach(Int64)
    }

    /// What one sequence's recurrent state is made of (`llama_hparams::n_embd_r`, `n_embd_s`).
    enum State: Sendable {
        case none
        /// `ssm.*` keys without groups.
        case mamba
        /// `ssm.*` keys with groups: Mamba 2 and gated delta nets.
        case mamba2
        /// `wkv.head_size`, `token_shift_count`.
        case rwkv
        /// `shortconv.l_cache`.
        case shortConvolution
        /// `kda.head_dim`.
        case deltaAttention
        /// A matrix of head × head for each head.
        case lightning
    }

    /// Which layers have a cache for an indexer's keys, of `attention.indexer.key_length`.
    enum Indexer: Sendable {
        case none
        /// Every trunk layer.
        case trunk
        /// Those `attention.indexer.types` names, else those GLM 5.2 was published with, and
        /// before its context length all.
        case glm
        /// Those `attention.indexer.types` names, where `attention.indexer.top_k` is above 0.
        case named
        /// Every layer from `leading_dense_block_count` on; it keeps values too.
        case behindDense
        /// Every layer with attention; rows of twice the length where keys are pooled.
        case pooledPairs
        /// Attention layers that `attention.indexer.types` does not exclude; rows of three times
        /// the length where keys are pooled.
        case pooledTriples
    }

    /// What an architecture does that concerns weights, caches or options, and others do not.
    struct Traits: OptionSet, Sendable {
        let rawValue: Int

        /// Never computes logits with the embedding matrix: the output matrix is in the file, or
        /// the model has none.
        static let untied = Traits(rawValue: 1 << 0)
        /// Creates the output before the embedding, so that a tied file's matrix is held twice
        /// even on one device.
        static let outputFirst = Traits(rawValue: 1 << 1)
        /// Leaves layers that draft (`nextn_predict_layers`) unloaded.
        static let skipsDraft = Traits(rawValue: 1 << 2)
        /// Caches compressed keys alone where `attention.key_length_mla` is given.
        static let latent = Traits(rawValue: 1 << 3)
        /// Sees the whole batch, whatever `attention.causal` says.
        static let bidirectional = Traits(rawValue: 1 << 4)
        /// Turns texts into vectors or scores, and never generates.
        static let encoder = Traits(rawValue: 1 << 5)
        /// Refuses flash attention.
        static let noFlashAttention = Traits(rawValue: 1 << 6)
        /// Calls its output norm `token_embd_norm`.
        static let embeddingNormIsOutput = Traits(rawValue: 1 << 7)
        /// Runs its layers `num_loops` times, each with a cache of its own.
        static let looped = Traits(rawValue: 1 << 8)
        /// Has a layer of one head behind the others, that routes adapters.
        static let router = Traits(rawValue: 1 << 9)
        /// The first 20 layers alone have a cache; the others read it.
        static let sharesBehind20 = Traits(rawValue: 1 << 10)
        /// The last `attention.shared_kv_layers` layers have no cache.
        static let sharesLast = Traits(rawValue: 1 << 11)
        /// The output is `hyper_connection.count` embeddings wide.
        static let wideOutput = Traits(rawValue: 1 << 12)
        /// `nextn_predict_layers` counts only where the draft layers are in the file.
        static let optionalDraft = Traits(rawValue: 1 << 13)
        /// Only layers without a window have rotary frequencies.
        static let ropeOutsideWindow = Traits(rawValue: 1 << 14)
        /// A helper of another model, or no language model: it cannot be loaded by itself.
        static let dependent = Traits(rawValue: 1 << 15)
        /// Has an encoder and a decoder.
        static let encoderDecoder = Traits(rawValue: 1 << 16)
        /// Keeps keys and values of the layers that draft, too.
        static let cachesDraft = Traits(rawValue: 1 << 17)
        /// Parts of its graph are not sketched: the compute buffer is a wide bound.
        static let bounded = Traits(rawValue: 1 << 18)
        /// Its graph is sketched, but parts in another order than llama.cpp's: a quarter is added.
        static let reordered = Traits(rawValue: 1 << 19)
    }

    /// How a batch is computed where the weights' names do not tell: what the compute buffer's size
    /// depends on.
    struct Flow: OptionSet, Sendable {
        let rawValue: Int

        /// Norms subtract the mean, and cannot be computed in place.
        static let meanNorm = Flow(rawValue: 1 << 0)
        /// Norms have no weights.
        static let plainNorms = Flow(rawValue: 1 << 1)
        /// The norms of heads have no weights.
        static let plainHeadNorms = Flow(rawValue: 1 << 2)
        /// No rotary embedding.
        static let noRotary = Flow(rawValue: 1 << 3)
        /// The rotary embedding comes before the norms of heads.
        static let rotaryFirst = Flow(rawValue: 1 << 4)
        /// A batch brings tokens or vectors, never both.
        static let tokensOrVectors = Flow(rawValue: 1 << 5)
        /// A token's place has four coordinates.
        static let fourPositions = Flow(rawValue: 1 << 6)
        /// The feed-forward part reads what attention reads.
        static let parallel = Flow(rawValue: 1 << 7)
        /// It does so where `use_parallel_residual` says so.
        static let parallelIfTold = Flow(rawValue: 1 << 37)
        /// The heads are joined behind the feed-forward part.
        static let outputLast = Flow(rawValue: 1 << 8)
        /// The stream is added to the feed-forward part before attention is.
        static let streamFirst = Flow(rawValue: 1 << 24)
        /// Attention reads the batch alone, although there is a cache.
        static let uncached = Flow(rawValue: 1 << 25)
        /// No logits are computed, although the file has an output matrix.
        static let noLogits = Flow(rawValue: 1 << 26)
        /// Only models of 32 layers have a rotary embedding.
        static let rotaryOf32Layers = Flow(rawValue: 1 << 27)
        /// Two stacks of layers run in turn.
        static let stacks = Flow(rawValue: 1 << 28)
        /// A bias for each two tokens tells how far apart they are.
        static let relative = Flow(rawValue: 1 << 29)
        /// The rows with an output are taken from what the last layer made, all of which is kept.
        static let selectsStream = Flow(rawValue: 1 << 30)
        /// Of models with a window, only layers with one have a rotary embedding.
        static let rotaryInWindow = Flow(rawValue: 1 << 31)
        /// Layers with a window have a rotary embedding, and the leading dense ones.
        static let rotaryInLead = Flow(rawValue: 1 << 41)
        /// Each fourth layer has no rotary embedding: the last of four.
        static let rotaryButFourth = Flow(rawValue: 1 << 32)
        /// Of models with a window, the first of each four layers has no rotary embedding.
        static let rotaryButFirst = Flow(rawValue: 1 << 33)
        /// Experts are chosen by what the layer reads, before its attention is joined.
        static let routesInput = Flow(rawValue: 1 << 35)
        /// A codec's head makes the last logits, the others are filled.
        static let codecLogits = Flow(rawValue: 1 << 36)
        /// A file without an output matrix uses the embedding's.
        static let embeddingIsOutput = Flow(rawValue: 1 << 34)
        /// The sum behind attention takes the stream's memory rather than attention's.
        static let residualFirst = Flow(rawValue: 1 << 9)
        /// So does the sum behind the feed-forward part.
        static let residualFirstAgain = Flow(rawValue: 1 << 11)
        /// The rows with an output are taken behind the last norm, rather than in the last layer.
        static let selectsLast = Flow(rawValue: 1 << 13)
        /// Every token has logits, wanted or not.
        static let outputsAll = Flow(rawValue: 1 << 14)
        /// Values have a norm too.
        static let normedValues = Flow(rawValue: 1 << 16)
        /// The stream has `hyper_connection.count` lanes, mixed before and behind each part.
        static let lanes = Flow(rawValue: 1 << 17)
        /// The lanes are mixed and spread in one operation each.
        static let fusedLanes = Flow(rawValue: 1 << 18)
        /// The vectors a context returns are a product of the last norm, beside the logits.
        static let projectsVectors = Flow(rawValue: 1 << 19)
        /// Contexts for vectors compute no logits.
        static let vectorsAlone = Flow(rawValue: 1 << 22)
        /// A delta net repeats queries and keys for its heads.
        static let repeatsKeys = Flow(rawValue: 1 << 23)
        /// Layers add the embeddings again.
        static let addsEmbedding = Flow(rawValue: 1 << 20)
        /// The embeddings have a norm without weights.
        static let plainEmbeddingNorm = Flow(rawValue: 1 << 21)
        /// Experts in the file are not used.
        static let ignoresExperts = Flow(rawValue: 1 << 15)
        /// Layers mix each token with the one before.
        static let shiftsTokens = Flow(rawValue: 1 << 40)
        /// Gates are clamped where their layer has a limit, each by itself.
        static let clampsGates = Flow(rawValue: 1 << 42)
        /// A layer of delta attention gathers its state before the norm it begins with.
        static let gathersEarly = Flow(rawValue: 1 << 44)
        /// Parts of a layer read a mix of the stream and of its checkpoints.
        static let mixesCheckpoints = Flow(rawValue: 1 << 43)
        /// What experts' results count is not brought to a sum of one.
        static let rawShares = Flow(rawValue: 1 << 38)
        /// A dense part stands beside the experts, and comes before their sum.
        static let denseFirst = Flow(rawValue: 1 << 39)
        /// Experts get their input weighted, rather than weighting what they return.
        static let weightedExpertInput = Flow(rawValue: 1 << 12)
        /// The embeddings of tokens are scaled, those a batch brings are not.
        static let scaledTokens = Flow(rawValue: 1 << 10)
    }
}
