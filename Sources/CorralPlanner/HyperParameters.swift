/// What a model's metadata says, resolved to one value for each layer, as llama.cpp's loader
/// resolves it (`llama_model_base::load_hparams` and each architecture's `load_arch_hparams`).
struct HyperParameters: Hashable, Sendable {
    /// One layer, as far as memory depends on it.
    struct Layer: Hashable, Sendable {
        /// The attention heads of queries.
        var heads: Int64 = 0
        /// The attention heads of keys and values.
        var keyValueHeads: Int64 = 0
        /// The width of the feed-forward part.
        var feedForward: Int64 = 0
        /// The width of one routed expert; 0 where the layer has none.
        var expertFeedForward: Int64 = 0
        /// The experts each token is routed to.
        var expertsUsed: Int64 = 0
        /// The width of a key's head.
        var keyHead: Int64 = 0
        /// The width of a value's head.
        var valueHead: Int64 = 0
        /// Sees the latest tokens alone.
        var isWindowed = false
        /// Carries a recurrent state.
        var isRecurrent = false
        /// Has keys, and unless compressed values, of its own in the cache.
        var isCached = true
        /// Has a cache for an indexer's keys.
        var isIndexed = false

        /// The elements of one token's keys.
        var keyWidth: Int64 { keyHead * keyValueHeads }
        /// The elements of one token's values.
        var valueWidth: Int64 { valueHead * keyValueHeads }
    }

    /// The value of `general.architecture`.
    var architecture: String

    /// All layers, those that draft last.
    var layers: [Layer]
    /// The layers before those that draft.
    var trunk: Int
    /// The width of a token (`n_embd`).
    var embedding: Int64
    /// The width of a returned embedding (`n_embd_out`).
    var outputEmbedding: Int64
    /// The tokens of the vocabulary.
    var vocabulary: Int64
    /// The context the model was trained on, in tokens.
    var trainingContext: Int64
    /// The length of the window of the layers that have one; 0 without any.
    var window: Int64
    /// Whether a token sees only those before it.
    var isCausal: Bool
    /// Whether compressed keys alone are cached.
    var isLatent: Bool
    /// The elements of the convolutions' part of a layer's recurrent state, for one sequence.
    var convolutionState: Int64
    /// The elements of the rest of it.
    var recurrentState: Int64
    /// The layers with a history of n-grams, and its elements for one sequence (qwen4exp).
    var gramLayers: [Int]
    var gramState: Int64
    /// The elements of an indexer's key as it is cached, and whether values are cached with it.
    var indexerWidth: Int64
    var indexerKeepsValues: Bool
    /// How far each layer's older tokens are compressed (deepseek4); empty elsewhere.
    var compression: [Int64]
    /// The plain width of an indexer's key.
    var indexerKey: Int64
    /// How many keys an indexer pools into one; 0 where it does not.
    var indexerPool: Int64

    /// What only the closed form of the compute buffer needs.
    var compute: Compute

    /// The widths behind the compute buffer's closed form.
    struct Compute: Hashable, Sendable {
        var experts: Int64 = 0
        var sharedFeedForward: Int64 = 0
        var innerState: Int64 = 0
        var stateSize: Int64 = 0
        var stateGroups: Int64 = 0
        var timeStepRank: Int64 = 0
        var convolution: Int64 = 0
        var queryRank: Int64 = 0
        var keyValueRank: Int64 = 0
        var latentKeyHead: Int64 = 0
        var latentValueHead: Int64 = 0
        var rotary: Int64 = 0
        var denseLead: Int64 = 0
        var hyperConnections: Int64 = 0
        var deltaHead: Int64 = 0
        var perLayerEmbedding: Int64 = 0
        var indexerHeads: Int64 = 0
        var indexerTop: Int64 = 0
        var indexerBlock: Int64 = 0
        /// How many layers apart the checkpoints of the stream are; 0 where there are none (kimi-k3).
        var checkpointLayers: Int64 = 0
        /// The layers whose experts' gates are clamped, and those whose other gates are.
        var clampedExperts: Set<Int> = []
        var clampedGates: Set<Int> = []
        /// Whether the feed-forward part stands beside attention (gptneox).
        var isParallel = false
        var recurrentHead: Int64 = 0
        /// How tokens' vectors become one, and how those a classifier reads do
        /// (`llama_pooling_type`).
        var pooling: Int64 = 0
        var classifierPooling: Int64 = 0
        /// The layers of each of two stacks that run in turn, and the rounds of the fast one for
        /// each of the slow one (hrm_text).
        var stackLayers = 0
        var fastCycles = 0
        /// The layers that run again and again, and whether they do without the last norm between
        /// (nanbeige).
        var loopLayers = 0
        var skipsLoopNorm = false
        /// The layers of a decoder behind an encoder (t5).
        var decoderLayers = 0
    }
}
