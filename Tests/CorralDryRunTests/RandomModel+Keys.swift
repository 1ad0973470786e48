import CorralGGUF
import CorralTesting

extension RandomModel {
    mutating func pick<T>(_ values: T...) -> T {
        values[Int.random(in: 0..<values.count, using: &random)]
    }

    mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }

    mutating func multiple(of step: Int, in range: ClosedRange<Int>) -> Int {
        Int.random(in: range.lowerBound / step...range.upperBound / step, using: &random) * step
    }

    mutating func set(_ name: String, _ value: GGUFBuilder.Value) {
        builder.set("\(architecture).\(name)", value)
    }

    mutating func set(_ name: String, _ value: Int) {
        set(name, .uint32(UInt32(value)))
    }

    mutating func set(_ name: String, _ values: [Int]) {
        set(name, .integers(values.map { Int32($0) }))
    }

    var isLatent: Bool {
        [
            "bailingmoe3", "deepseek2", "deepseek32", "dots3note", "glm-dsa", "glm5-next",
            "hy_v4", "kimi-k3", "kimi-linear", "minicpm3", "mistral4", "plm",
        ].contains(architecture)
    }

    var hasHeadlessLayers: Bool {
        [
            "bailingmoe3", "glm5-next", "granitehybrid", "jamba", "kimi-k3", "kimi-linear", "lfm2",
            "lfm2moe", "nemotron_h", "nemotron_h_moe", "plamo2",
        ].contains(architecture)
    }

    mutating func drawSizes() {
        layers = Int.random(in: 2...8, using: &random)
        if chance(10) { layers = Int.random(in: 9...28, using: &random) }
        head = pick(32, 64, 64, 80, 96, 128, 128, 256)
        heads = pick(1, 2, 4, 6, 8, 8, 12, 16, 24, 32)
        keyValueHeads = heads
        if chance(70) {
            let parts = [2, 3, 4, 6, 8, 12, 16].filter { heads.isMultiple(of: $0) }
            if !parts.isEmpty {
                keyValueHeads = heads / parts[Int.random(in: 0..<parts.count, using: &random)]
            }
        }
        embedding = head * heads
        feedForward = multiple(of: 32, in: max(64, embedding / 2)...max(128, embedding * 4))
        vocabulary = pick(
            128,
            512,
            3000,
            8192,
            30522,
            32000,
            49152,
            65536,
            100352,
            128256,
            151936,
            262144
        )
        switch architecture {
        case "llama4": layers = 4 * Int.random(in: 1...3, using: &random)
        case "gemma3n": layers = Int.random(in: 21...26, using: &random)
        case "deepseek4":
            (head, heads) = (pick(64, 128), pick(8, 16))
            keyValueHeads = 1
            embedding = head * heads
        case "hrm_text": layers = 6
        case "qwen3tts": vocabulary = max(vocabulary, 3072)
        case "bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "modern-bert",
            "neo-bert", "eurobert", "t5", "t5encoder", "mpt", "gpt2", "bloom", "jais", "starcoder",
            "codeshell", "gptneox", "orion", "qwen", "plamo", "phi2":
            keyValueHeads = heads
        case "arwkv7", "rwkv6", "rwkv6qwen2", "rwkv7":
            head = 64
            embedding = head * heads
            keyValueHeads = heads
        default: break
        }
        if isLatent { keyValueHeads = heads }
    }

    mutating func setCommonKeys() {
        builder.set("general.architecture", .string(architecture))
        builder.set("tokenizer.ggml.model", "no_vocab")
        builder.set("tokenizer.ggml.token_type_count", 2)
        set("vocab_size", vocabulary)
        set("context_length", pick(512, 2048, 4096, 32768, 131_072))
        set("embedding_length", embedding)
        set("features_length", embedding)
        set("block_count", layers)
        let isMixed = ["deci", "openelm", "gemma3n", "gemma4"].contains(architecture)
        if architecture.hasPrefix("nemotron_h") {
            // Recurrent, attending, and of a feed-forward part alone.
            set("feed_forward_length", (0..<layers).map { $0 % 3 == 2 ? feedForward : 0 })
        } else if isMixed, architecture != "deci", chance(50) {
            set("feed_forward_length", (0..<layers).map { feedForward + 32 * ($0 / 2) })
        } else {
            set("feed_forward_length", feedForward)
        }
        set("use_parallel_residual", .bool(chance(50)))
        set("logit_scale", 1.0)
        set("time_mix_extra_dim", 64)
        set("time_decay_extra_dim", 128)
        set("full_attention_interval", pick(2, 3, 4))
        for key in ["layer_norm_epsilon", "layer_norm_rms_epsilon", "group_norm_epsilon"] {
            set("attention.\(key)", 1e-5)
        }
        set("attention.group_norm_groups", 8)
        set("attention.max_alibi_bias", 8.0)
        set("attention.clamp_kqv", 1.0)
        set("attention.relative_buckets_count", 8)
        set("residual_scale", 3.5)
        let encodes = architecture.contains("bert") || architecture.contains("embed")
        if encodes { set("attention.causal", false) }
        if encodes || chance(5) { set("pooling_type", pick(1, 1, 2, 3)) }
        for key in ["decay", "iclr", "value_residual_mix", "gate"] {
            set("attention.\(key)_lora_rank", pick(32, 64))
        }
        for key in ["alpha_n", "alpha_p", "beta", "eps"] { builder.set("xielu.\(key)", 1.0) }
        if architecture == "t5" || architecture == "t5encoder" {
            set("decoder_block_count", layers)
        }
    }

    mutating func setAttentionKeys() {
        let isHeadless = hasHeadlessLayers
        if isHeadless {
            let every = pick(2, 3, 4)
            let headless = (0..<layers).map { layer in
                architecture.hasPrefix("nemotron_h")
                    ? layer % 3 == 0 : layer % every == 1 || (layer == 0 && every == 3)
            }
            let listed = headless.map { $0 ? 0 : keyValueHeads }
            set(
                "attention.head_count",
                architecture == "glm5-next"
                    ? [heads] : headless.map { $0 && isLatent ? 0 : heads }
            )
            set("attention.head_count_kv", listed)
        } else if architecture == "openelm" {
            let counts = (0..<layers).map { max(1, keyValueHeads - $0 / 3) }
            set("attention.head_count", counts.map { $0 * (heads / keyValueHeads) })
            set("attention.head_count_kv", counts)
        } else {
            set("attention.head_count", heads)
            set("attention.head_count_kv", architecture == "deepseek4" ? 1 : keyValueHeads)
        }
        var rotary = head
        if isLatent {
            let low = pick(128, 256, 512)
            let rotated = architecture == "glm5-next" ? 0 : pick(32, 64)
            let plain = pick(64, 128)
            let isOld = ["minicpm3", "plm"].contains(architecture)
            set("attention.key_length", isOld ? plain + rotated : low + rotated)
            set("attention.value_length", isOld ? plain : low)
            set("attention.key_length_mla", plain + rotated)
            set("attention.value_length_mla", plain)
            set("attention.kv_lora_rank", low)
            for key in ["key_length", "value_length", "kv_lora_rank"] {
                set(
                    "attention.\(key)_swa",
                    key == "key_length" ? low + rotated : low
                )
            }
            set("attention.key_length_mla_swa", plain + rotated)
            set("attention.value_length_mla_swa", plain)
            rotary = rotated
        } else if architecture == "deepseek4" || chance(60) || architecture == "openelm" {
            set("attention.key_length", head)
            set("attention.value_length", head)
            if architecture == "deepseek4" { rotary = head / 2 }
            if ["gemma4", "gemma3n", "spark2_5", "mimo2", "step35"].contains(architecture) {
                set("attention.key_length_swa", head)
                set("attention.value_length_swa", head)
            }
        }
        if architecture == "minimax-m3" { rotary = min(64, head) }
        set("rope.dimension_count", rotary)
        if architecture == "gemma4" { set("rope.dimension_count_swa", rotary) }
        set("rope.freq_base_swa", 10000.0)
        let section =
            architecture == "bailingmoe3" ? [8, 12, 12, 0] : Array(repeating: head / 4, count: 4)
        set("rope.dimension_sections", section)
        set("attention.q_lora_rank", architecture == "deepseek4" ? 64 : pick(64, 256, 512))
        set("attention.sliding_window", pick(64, 512, 1024, 4096))
        let listed = [
            "cohere2moe", "dots3note", "granite_swa", "maple", "mimo2", "muse-glimmer", "spark2_5",
            "step35", "gemma4", "gemma3n",
        ]
        if listed.contains(architecture) {
            set(
                "attention.sliding_window_pattern",
                (0..<layers).map {
                    architecture.hasPrefix("gemma") ? ($0 % 5 == 4 ? 0 : 1) : $0 % 2
                }
            )
        } else if chance(50) {
            set("attention.sliding_window_pattern", pick(2, 3, 4))
        }
        set("attention.shared_kv_layers", architecture == "gemma4" ? layers / 3 : 0)
        let perLayer = pick(32, 64, 128)
        set("embedding_length_per_layer_input", perLayer)
    }

    mutating func setExpertKeys() {
        set("leading_dense_block_count", 1)
        guard
            Self.needsExperts.contains(architecture)
                || (Self.mayHaveExperts.contains(architecture) && chance(50))
        else { return }
        let count = embedding > 1024 ? pick(4, 8) : pick(4, 8, 16, 64)
        let used = pick(1, 2, 2, 4)
        let width = multiple(of: 32, in: 64...max(128, embedding))
        set("expert_count", count)
        set("expert_used_count", used)
        set("expert_feed_forward_length", width)
        set("expert_chunk_feed_forward_length", width)
        set("expert_shared_feed_forward_length", multiple(of: 32, in: 64...max(128, embedding)))
        set("expert_latent_length", feedForward)
        set("moe_latent_size", feedForward)
        set("interleave_moe_layer_step", 2)
        set("moe_every_n_layers", 2)
        set("expert_shared_count", 1)
        set("expert_gating_func", architecture == "deepseek4" ? 4 : 2)
        set("expert_group_scale", 1.0)
        set("expert_weights_scale", 1.0)
        set("expert_weights_norm", true)
        set("experts_per_group", 1)
    }

    mutating func setRecurrentKeys() {
        let isNet = ["qwen3next", "qwen35", "qwen35moe", "qwen4exp"].contains(architecture)
        if isNet {
            // As many values as heads times states.
            let (state, groups) = (pick(64, 128), pick(2, 4))
            let rank = groups * pick(1, 2, 4)
            set("ssm.inner_size", state * rank)
            set("ssm.state_size", state)
            set("ssm.group_count", groups)
            set("ssm.time_step_rank", rank)
        } else {
            let state = pick(16, 64, 128)
            let inner = 2 * embedding
            set("ssm.inner_size", inner)
            set("ssm.state_size", state)
            set("ssm.group_count", architecture == "plamo2" ? 0 : pick(1, 2))
            set(
                "ssm.time_step_rank",
                ["mamba", "jamba"].contains(architecture) ? max(16, embedding / 16) : heads
            )
        }
        set("ssm.conv_kernel", 4)
        set("kda.head_dim", 128)
        set("kda.safe_gate", true)
        set("kda.gate_lower_bound", -5.0)
        set("wkv.head_size", head)
        set("shortconv.l_cache", pick(3, 4))
        set("attn_res.block_size", 12)
        set("activation.situ_beta", 4.0)
        set("activation.situ_linear_beta", 25.0)
    }

    mutating func setKeysOfOne() {
        let isMinimax = architecture == "minimax-m3"
        set("attention.indexer.head_count", isMinimax ? keyValueHeads : pick(8, 32, 64))
        set("attention.indexer.key_length", architecture == "qwen4exp" ? head : 128)
        set("attention.indexer.top_k", pick(64, 512, 2048))
        set("attention.indexer.block_size", 4)
        set("attention.indexer.kpool", 4)
        set("attention.indexer.kpool_select_tail", true)
        set("attention.indexer.local_blocks", 1)
        if ["dots3note", "hy_v4"].contains(architecture) {
            set("attention.indexer.types", (0..<layers).map { $0 % 2 == 0 ? 1 : 0 })
        }
        set("hyper_connection.count", 4)
        set("hyper_connection.sinkhorn_iterations", 2)
        set("hyper_connection.epsilon", 1e-6)
        set("hyper_connection.low_rank", 8)
        set("hyper_connection.magnitude", 2.0)
        switch architecture {
        case "bailingmoe3":
            set("swiglu_clamp_exp", .array(.float32, Array(repeating: 4.0, count: layers)))
            set("swiglu_clamp_shexp", .array(.float32, Array(repeating: 5.0, count: layers)))
        default: set("swiglu_clamp_exp", 10.0)
        }
        set("hash_layer_count", 0)
        if architecture == "deepseek4" {
            set("attention.output_group_count", 8)
            set("attention.output_lora_rank", 32)
            set("attention.compress_ratios", (0..<layers).map { [0, 4, 128][$0 % 3] })
            set("attention.compress_rope_freq_base", 160000.0)
        }
        if ["glm5-next", "qwen4exp"].contains(architecture) {
            set("attention.compress_ratios", Array(repeating: 4, count: layers))
            setGrams()
        }
        set("hrm.layers_per_stack", 1)
        set("hrm.h_cycles", 2)
        set("hrm.l_cycles", 2)
        set("num_loops", pick(1, 2, 3))
    }

    /// The n-grams of qwen4exp and its like.
    mutating func setGrams() {
        let size = 3
        let count = (size - 1) * 2
        set("ple.layers", [0])
        set("ple.ngram_size", size)
        set("ple.heads_per_ngram", 2)
        set("ple.conv_kernel", 4)
        set("ple.eos_token_id", 0)
        set("embedding_length_per_layer_input", embedding / count)
        set("ple.layer_multipliers", .array(.uint64, [1, 3, 5].map { .uint64($0) }))
        set(
            "ple.head_offsets",
            .array(.uint64, (0..<count).map { .uint64(UInt64($0 * vocabulary)) })
        )
        set(
            "ple.head_vocab_sizes",
            .array(.uint64, Array(repeating: .uint64(UInt64(vocabulary)), count: count))
        )
    }

    static let needsExperts: Set<String> = [
        "afmoe", "arctic", "bailingmoe", "bailingmoe2", "bailingmoe3", "cohere2moe", "dbrx",
        "deepseek", "deepseek2", "deepseek32", "deepseek4", "dots1", "dots3note", "ernie4_5",
        "ernie4_5-moe", "exaone-moe", "glm-dsa", "glm4moe", "glm5-next", "gpt-oss", "grok",
        "grovemoe", "hunyuan-moe", "hy_v3", "hy_v4", "kimi-k3", "kimi-linear", "laguna", "lfm2moe",
        "llada-moe", "llama4", "maple", "mellum", "mimo2", "minimax-01", "minimax-m2", "minimax-m3",
        "mistral4", "nemotron_h_moe", "nomic-bert-moe", "olmoe", "paddleocr", "phimoe", "qwen2moe",
        "qwen35moe", "qwen3moe", "qwen3next", "qwen3vlmoe", "qwen4exp", "rnd1", "smallthinker",
        "step35",
    ]

    static let mayHaveExperts: Set<String> = [
        "deci", "granite", "granitehybrid", "granitemoe", "jamba", "llama", "llama-embed",
        "minicpm", "mistral3", "refact",
    ]
}
