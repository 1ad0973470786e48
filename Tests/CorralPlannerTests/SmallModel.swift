import CorralGGUF
import CorralMemory
import CorralPlanner
import CorralTesting

/// A small model of any architecture, with every key that any architecture reads.
struct SmallModel {
    static let layers = 4
    static let vocabulary: UInt64 = 320

    let architecture: String

    /// The keys without the architecture's name, and values that make sense.
    var keys: [(name: String, value: GGUFBuilder.Value)] = [
        ("block_count", 4), ("context_length", 32768), ("embedding_length", 64),
        ("feed_forward_length", .integers([128, 128, 128, 128])),
        ("attention.head_count", 4), ("attention.head_count_kv", .integers([2, 0, 2, 0])),
        ("attention.key_length", 64), ("attention.value_length", 64),
        ("attention.key_length_swa", 64), ("attention.value_length_swa", 64),
        ("attention.key_length_mla", 64), ("attention.value_length_mla", 64),
        ("attention.kv_lora_rank", 64), ("attention.q_lora_rank", 64),
        ("attention.sliding_window", 512),
        ("attention.sliding_window_pattern", .bools([true, false, true, false])),
        ("attention.shared_kv_layers", 1), ("attention.causal", true),
        ("attention.compress_ratios", .integers([4, 128, 0, 4])),
        ("attention.indexer.head_count", 2), ("attention.indexer.key_length", 64),
        ("attention.indexer.kpool", 4), ("attention.indexer.top_k", 64),
        ("attention.indexer.types", .integers([1, 0, 1, 0])),
        ("attention.recurrent_layers", .integers([1, 0, 1, 0])),
        ("full_attention_interval", 2), ("rope.dimension_count", 32),
        ("expert_count", 4), ("expert_used_count", 2), ("expert_feed_forward_length", 32),
        ("expert_shared_feed_forward_length", 32), ("leading_dense_block_count", 1),
        ("nextn_predict_layers", 0), ("num_loops", 2), ("hyper_connection.count", 4),
        ("embedding_length_out", 64), ("embedding_length_per_layer_input", 32),
        ("kda.head_dim", 16), ("shortconv.l_cache", 3), ("wkv.head_size", 16),
        ("token_shift_count", 2), ("ssm.conv_kernel", 4), ("ssm.inner_size", 128),
        ("ssm.state_size", 16), ("ssm.group_count", 2), ("ssm.time_step_rank", 8),
        ("ple.layers", .integers([1, 2])), ("ple.conv_kernel", 3), ("ple.ngram_size", 2),
        ("pooling_type", 1), ("vocab_size", 320),
    ]

    init(_ architecture: String) { self.architecture = architecture }

    /// The same without one key, or with another value for it.
    func changing(_ name: String, to value: GGUFBuilder.Value?) -> SmallModel {
        var model = self
        guard let index = keys.firstIndex(where: { $0.name == name }) else { return self }
        if let value { model.keys[index].value = value } else { model.keys.remove(at: index) }
        return model
    }

    var builder: GGUFBuilder {
        var builder = GGUFBuilder()
        builder.set("general.architecture", .string(architecture))
        for (name, value) in keys { builder.set("\(architecture).\(name)", value) }
        builder.addTensor("token_embd.weight", .q4_0, [64, Self.vocabulary])
        builder.addTensor("output_norm.weight", .f32, [64])
        for layer in 0..<Self.layers {
            func add(_ name: String, _ dimensions: [UInt64]) {
                let type: GGMLType = dimensions.count > 1 ? .q4_0 : .f32
                builder.addTensor("blk.\(layer).\(name).weight", type, dimensions)
            }
            add("attn_norm", [64])
            add("attn_q", [64, 256])
            add("attn_k", [64, 128])
            add("attn_v", [64, 128])
            add("attn_output", [256, 64])
            add("ffn_norm", [64])
            add("ffn_gate_inp", [64, 4])
            for part in ["ffn_gate", "ffn_up"] {
                add(part, [64, 128])
                add("\(part)_exps", [64, 32, 4])
            }
            add("ffn_down", [128, 64])
            add("ffn_down_exps", [32, 64, 4])
        }
        return builder
    }

    /// What the planner reads of it.
    func description() throws -> ModelDescription {
        let header = try GGUFHeader(parsing: builder.file().span)
        return try ModelDescription(
            shards: [header],
            fileBytes: ByteCount(1 << 20),
            sharedName: "small"
        )
    }
}
