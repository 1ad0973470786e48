extension Architecture {
    /// Every architecture of llama.cpp b11434 (`LLM_ARCH_NAMES` in `llama-arch.cpp`; the rules from
    /// each one's file in `src/models`), by name.
    static let all: [String: Architecture] = Dictionary(
        uniqueKeysWithValues: table.map { ($0.name, $0) }
    )

    private typealias A = Architecture

    private static let table: [Architecture] = [
        A(name: "afmoe", window: .denseLast(4, .optional), flow: [.rotaryButFourth]),
        A(name: "apertus", traits: [.untied]),
        A(name: "arcee"),
        A(name: "arctic"),
        A(name: "arwkv7", recurrence: .all, state: .rwkv, traits: [.bounded, .untied]),
        A(name: "baichuan", traits: [.untied], flow: [.rotaryOf32Layers]),
        A(name: "bailingmoe", traits: [.untied]),
        A(name: "bailingmoe2", traits: [.untied, .skipsDraft]),
        A(
            name: "bailingmoe3",
            recurrence: .headless,
            state: .deltaAttention,
            traits: [.reordered, .latent, .skipsDraft],
            flow: [.gathersEarly, .clampsGates, .fourPositions, .selectsLast]
        ),
        A(name: "bert", memory: .none, traits: [.untied, .encoder], flow: [.noRotary, .meanNorm]),
        A(name: "bitnet", traits: [.untied], flow: [.embeddingIsOutput]),
        A(name: "bloom", flow: [.meanNorm, .noRotary]),
        A(name: "chameleon", traits: [.bounded]),
        A(name: "chatglm"),
        A(
            name: "clef",
            memory: .none,
            recurrence: .allButEach(4),
            state: .mamba2,
            traits: [.bounded, .untied, .dependent]
        ),
        A(name: "clip", traits: [.dependent]),
        A(name: "codeshell", traits: [.untied], flow: [.meanNorm]),
        A(name: "cogvlm", flow: [.outputsAll, .selectsLast, .tokensOrVectors]),
        A(
            name: "cohere2",
            window: .denseLast(4, .required),
            flow: [.rotaryInWindow, .meanNorm, .parallel, .outputLast, .streamFirst]
        ),
        A(
            name: "cohere2moe",
            window: .denseFirst(4, .required),
            traits: [.skipsDraft],
            flow: [.rotaryInLead, .selectsLast, .parallel, .outputLast, .streamFirst]
        ),
        A(name: "command-r", flow: [.meanNorm, .parallel, .outputLast, .streamFirst]),
        A(name: "dbrx", traits: [.untied], flow: [.meanNorm]),
        A(name: "deci"),
        A(name: "deepseek", flow: [.rawShares]),
        A(name: "deepseek2", traits: [.latent, .skipsDraft]),
        A(name: "deepseek2-ocr", traits: [.bounded]),
        A(name: "deepseek32", indexer: .trunk, traits: [.latent, .skipsDraft]),
        A(
            name: "deepseek4",
            memory: .compressed,
            window: .all(.required),
            traits: [.untied, .skipsDraft, .wideOutput, .optionalDraft],
            flow: [.fusedLanes, .lanes, .tokensOrVectors]
        ),
        A(name: "dflash", window: .listed(.optional), traits: [.dependent]),
        A(name: "dots1", traits: [.untied]),
        A(
            name: "dots3note",
            window: .listed(.required),
            indexer: .named,
            traits: [.latent, .skipsDraft]
        ),
        A(name: "dream", memory: .none, traits: [.bidirectional]),
        A(name: "eagle3", traits: [.untied, .dependent]),
        A(name: "ernie4_5"),
        A(name: "ernie4_5-moe"),
        A(name: "eurobert", memory: .none, traits: [.untied, .encoder]),
        A(name: "exaone"),
        A(name: "exaone-moe", window: .denseLast(4, .required), traits: [.skipsDraft]),
        A(
            name: "exaone4",
            window: .denseLast(4, .otherwiseIn(layers: 64, 4096)),
            traits: [.skipsDraft],
            flow: [.rotaryInWindow]
        ),
        A(name: "falcon", flow: [.meanNorm, .parallel, .outputLast]),
        A(name: "falcon-h1", recurrence: .beside, state: .mamba2),
        A(name: "gemma"),
        A(
            name: "gemma-embedding",
            memory: .none,
            window: .denseLast(6, .required),
            traits: [.bidirectional, .encoder],
            flow: [.noLogits, .scaledTokens]
        ),
        A(name: "gemma2", window: .denseLast(2, .otherwise(4096))),
        A(name: "gemma3", window: .denseLast(6, .optional), flow: [.scaledTokens]),
        A(
            name: "gemma3n",
            window: .denseLast(5, .required),
            traits: [.bounded, .outputFirst, .sharesBehind20],
            flow: [.normedValues, .scaledTokens]
        ),
        A(
            name: "gemma4",
            window: .listed(.required),
            traits: [.outputFirst, .sharesLast, .ropeOutsideWindow],
            flow: [.selectsLast, .normedValues, .scaledTokens]
        ),
        A(
            name: "gemma4-assistant",
            window: .listed(.required),
            traits: [.ropeOutsideWindow, .dependent]
        ),
        A(name: "glm-dsa", indexer: .glm, traits: [.latent, .skipsDraft]),
        A(name: "glm4", traits: [.skipsDraft], flow: [.fourPositions]),
        A(name: "glm4moe", traits: [.skipsDraft], flow: [.fourPositions]),
        A(
            name: "glm5-next",
            recurrence: .headless,
            state: .deltaAttention,
            indexer: .pooledTriples,
            traits: [.latent, .untied, .skipsDraft],
            flow: [.fusedLanes, .lanes]
        ),
        A(
            name: "gpt-oss",
            window: .denseLast(2, .required),
            traits: [.untied],
            flow: [.selectsStream]
        ),
        A(name: "gpt2", flow: [.meanNorm, .noRotary]),
        A(name: "gptj", traits: [.bounded], flow: [.meanNorm, .parallel]),
        A(
            name: "gptneox",
            traits: [.untied],
            flow: [.parallelIfTold, .meanNorm, .outputLast, .streamFirst]
        ),
        A(name: "granite"),
        A(name: "granite_swa", window: .listed(.required)),
        A(name: "granitehybrid", recurrence: .headless, state: .mamba2),
        A(name: "granitemoe"),
        A(
            name: "graniteswitch",
            traits: [.bounded, .router, .cachesDraft],
            flow: [.tokensOrVectors]
        ),
        A(name: "grok", traits: [.noFlashAttention], flow: [.denseFirst]),
        A(name: "grovemoe"),
        A(name: "hrm_text", flow: [.stacks, .selectsLast, .plainNorms]),
        A(name: "hunyuan-dense", flow: [.rotaryFirst]),
        A(name: "hunyuan-moe", flow: [.rotaryFirst]),
        A(name: "hunyuan_vl", flow: [.rotaryFirst, .fourPositions]),
        A(name: "hy_v3", traits: [.skipsDraft], flow: [.selectsLast]),
        A(
            name: "hy_v4",
            indexer: .named,
            traits: [.latent, .untied, .cachesDraft],
            flow: [.lanes]
        ),
        A(name: "internlm2", traits: [.untied]),
        A(name: "jais", traits: [.untied], flow: [.meanNorm, .noRotary]),
        A(name: "jais2", flow: [.meanNorm]),
        A(
            name: "jamba",
            recurrence: .headless,
            state: .mamba,
            flow: [.residualFirstAgain, .residualFirst, .noRotary]
        ),
        A(
            name: "jina-bert-v2",
            memory: .none,
            traits: [.untied, .encoder],
            flow: [.noRotary, .meanNorm]
        ),
        A(
            name: "jina-bert-v3",
            memory: .none,
            traits: [.untied, .encoder],
            flow: [.meanNorm]
        ),
        A(
            name: "kimi-k3",
            recurrence: .headless,
            state: .deltaAttention,
            traits: [.reordered, .latent, .untied],
            flow: [.mixesCheckpoints, .noRotary]
        ),
        A(
            name: "kimi-linear",
            recurrence: .headless,
            state: .deltaAttention,
            traits: [.latent, .untied],
            flow: [.noRotary]
        ),
        A(name: "laguna", window: .denseFirst(4, .optional)),
        A(
            name: "lfm2",
            window: .attention(.optional),
            recurrence: .headless,
            state: .shortConvolution,
            traits: [.embeddingNormIsOutput],
            flow: [.vectorsAlone, .residualFirstAgain, .residualFirst]
        ),
        A(
            name: "lfm2moe",
            recurrence: .headless,
            state: .shortConvolution,
            traits: [.embeddingNormIsOutput],
            flow: [.vectorsAlone, .residualFirstAgain, .residualFirst]
        ),
        A(name: "llada", memory: .none, traits: [.bidirectional]),
        A(
            name: "llada-moe",
            memory: .none,
            traits: [.untied, .bidirectional],
            flow: [.rawShares]
        ),
        A(name: "llama"),
        A(name: "llama-embed", traits: [.encoder], flow: [.uncached, .noLogits]),
        A(
            name: "llama4",
            window: .denseLast(4, .fixedUnlessZero(8192)),
            flow: [
                .rawShares, .rotaryButFourth, .weightedExpertInput, .rotaryFirst, .plainHeadNorms,
            ]
        ),
        A(name: "maincoder", flow: [.rotaryFirst]),
        A(name: "mamba", recurrence: .all, state: .mamba),
        A(name: "mamba2", recurrence: .all, state: .mamba2),
        A(name: "maple", window: .listed(.required), traits: [.untied], flow: [.rotaryInWindow]),
        A(name: "mellum", window: .denseLast(4, .optional), traits: [.untied]),
        A(name: "mimo2", window: .listed(.required), traits: [.untied, .skipsDraft]),
        A(name: "minicpm"),
        A(name: "minicpm3"),
        A(
            name: "minimax-01",
            recurrence: .allButEach(8),
            state: .lightning
        ),
        A(name: "minimax-m2", traits: [.untied]),
        A(name: "minimax-m3", indexer: .behindDense, traits: [.untied, .cachesDraft]),
        A(name: "mistral3"),
        A(name: "mistral4", traits: [.latent, .skipsDraft]),
        A(
            name: "modern-bert",
            memory: .none,
            window: .denseFirst(3, .optional),
            traits: [.untied, .encoder],
            flow: [.meanNorm]
        ),
        A(name: "mpt", flow: [.meanNorm, .noRotary]),
        A(
            name: "muse-glimmer",
            window: .denseLast(4, .required),
            traits: [.untied],
            flow: [.rotaryInWindow, .plainEmbeddingNorm, .plainHeadNorms]
        ),
        A(name: "nanbeige", traits: [.looped]),
        A(name: "nemotron", traits: [.untied], flow: [.meanNorm]),
        A(
            name: "nemotron_h",
            recurrence: .bare,
            state: .mamba2,
            traits: [.skipsDraft],
            flow: [.selectsLast, .noRotary]
        ),
        A(
            name: "nemotron_h_moe",
            recurrence: .bare,
            state: .mamba2,
            traits: [.skipsDraft],
            flow: [.selectsLast, .noRotary]
        ),
        A(name: "neo-bert", memory: .none, traits: [.untied, .encoder]),
        A(
            name: "nomic-bert",
            memory: .none,
            traits: [.untied, .encoder],
            flow: [.meanNorm]
        ),
        A(
            name: "nomic-bert-moe",
            memory: .none,
            traits: [.untied, .encoder],
            flow: [.meanNorm]
        ),
        A(name: "olmo", flow: [.meanNorm, .plainNorms]),
        A(name: "olmo2", window: .denseLast(4, .optional), traits: [.untied]),
        A(name: "olmoe", traits: [.untied], flow: [.rawShares]),
        A(name: "openelm", flow: [.residualFirst]),
        A(name: "orion", traits: [.untied], flow: [.meanNorm]),
        A(name: "paddleocr", flow: [.fourPositions]),
        A(name: "pangu-embedded"),
        A(name: "phi2", traits: [.untied], flow: [.meanNorm, .parallel]),
        A(name: "phi3", flow: [.residualFirstAgain]),
        A(name: "phimoe", traits: [.untied], flow: [.residualFirstAgain]),
        A(name: "plamo", traits: [.untied], flow: [.parallel, .outputLast]),
        A(name: "plamo2", recurrence: .headless, state: .mamba2),
        A(name: "plamo3", window: .denseLast(8, .optional)),
        A(name: "plm"),
        A(name: "pockettts", flow: [.meanNorm]),
        A(name: "qwen", traits: [.untied]),
        A(name: "qwen2"),
        A(name: "qwen2moe", traits: [.untied], flow: [.rawShares]),
        A(name: "qwen2vl", flow: [.fourPositions]),
        A(name: "qwen3"),
        A(
            name: "qwen35",
            recurrence: .allButEach(4),
            state: .mamba2,
            traits: [.skipsDraft],
            flow: [.projectsVectors, .selectsLast, .fourPositions]
        ),
        A(
            name: "qwen35moe",
            recurrence: .allButEach(4),
            state: .mamba2,
            traits: [.skipsDraft],
            flow: [.selectsLast, .fourPositions]
        ),
        A(name: "qwen3moe"),
        A(
            name: "qwen3next",
            recurrence: .allButEach(4),
            state: .mamba2,
            traits: [.skipsDraft],
            flow: [.repeatsKeys, .selectsLast]
        ),
        A(name: "qwen3tts", flow: [.fourPositions, .codecLogits]),
        A(name: "qwen3vl", flow: [.fourPositions]),
        A(name: "qwen3vlmoe", flow: [.fourPositions]),
        A(
            name: "qwen4exp",
            recurrence: .allButEach(4),
            state: .mamba2,
            indexer: .pooledPairs,
            traits: [.skipsDraft, .wideOutput],
            flow: [.fourPositions, .fusedLanes, .lanes]
        ),
        A(name: "refact", flow: [.ignoresExperts, .noRotary]),
        A(name: "rnd1", memory: .none, traits: [.bidirectional]),
        A(
            name: "rwkv6",
            recurrence: .all,
            state: .rwkv,
            traits: [.untied],
            flow: [.meanNorm, .shiftsTokens]
        ),
        A(name: "rwkv6qwen2", recurrence: .all, state: .rwkv, traits: [.bounded, .untied]),
        A(
            name: "rwkv7",
            recurrence: .all,
            state: .rwkv,
            traits: [.untied],
            flow: [.meanNorm, .shiftsTokens]
        ),
        A(name: "seed_oss"),
        A(
            name: "smallthinker",
            window: .denseFirst(4, .fixedIfPositive(4096)),
            flow: [.rotaryButFirst, .routesInput]
        ),
        A(name: "smollm3", flow: [.rotaryButFourth]),
        A(name: "spark2_5", window: .listed(.required)),
        A(name: "stablelm", traits: [.untied], flow: [.meanNorm]),
        A(name: "starcoder", flow: [.meanNorm, .noRotary]),
        A(name: "starcoder2", flow: [.meanNorm]),
        A(
            name: "step35",
            window: .listed(.required),
            traits: [.untied, .skipsDraft],
            flow: [.clampsGates, .selectsStream]
        ),
        A(name: "t5", traits: [.encoderDecoder], flow: [.noRotary]),
        A(
            name: "t5encoder",
            traits: [.encoder],
            flow: [.uncached, .noLogits, .noRotary, .relative]
        ),
        A(
            name: "talkie",
            traits: [.untied],
            flow: [.addsEmbedding, .plainEmbeddingNorm, .plainNorms, .rotaryFirst, .plainHeadNorms]
        ),
        A(name: "wavtokenizer-dec", memory: .none, traits: [.untied, .dependent]),
        A(name: "xverse", traits: [.untied]),
    ]
}
