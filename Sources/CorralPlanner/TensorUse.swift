/// Where and how llama.cpp uses a weight, told by its name (`LLM_TENSOR_NAMES` and
/// `LLM_TENSOR_INFOS` in `llama-arch.cpp`, llama.cpp b11434).
struct TensorUse: Hashable, Sendable {
    /// The part of the model a weight belongs to, which decides the device it goes to.
    enum Place: Hashable, Sendable {
        /// What tokens are looked up in: always the host.
        case input
        /// A layer, counted from 0.
        case layer(Int)
        /// What comes behind the layers.
        case output
        /// Each layer with rotary embeddings, on each device once.
        case rotary
        /// Loaded by no context.
        case unused
    }

    /// The operation a weight serves, which decides whether the CPU repacks it.
    enum Operation: Hashable, Sendable {
        /// A matrix product.
        case multiply
        /// A matrix product with the experts each token is routed to.
        case multiplyExperts
        /// Anything else.
        case other
    }

    var place: Place
    var operation: Operation

    /// Reads a tensor's name.
    ///
    /// - Parameters:
    ///   - name: The name as it stands in the file.
    ///   - traits: What is special about the architecture.
    init(_ name: String, _ traits: Architecture.Traits) {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false)[...]
        // The encoder's and decoder's layers of T5 are numbered as `enc.blk.0.…`.
        var prefix = ""
        if parts.count > 3, parts[0] == "enc" || parts[0] == "dec", parts[1] == "blk" {
            prefix = "\(parts[0])."
            parts = parts.dropFirst()
        }
        var layer: Int?
        if parts.count > 2, Self.numbered.contains(parts[parts.startIndex]) {
            layer = Int(parts[parts.startIndex + 1])
            let kind = parts[parts.startIndex]
            if kind != "blk" { prefix += "\(kind)." }
            parts = parts.dropFirst(2)
        }
        let suffix = parts.count > 1 ? parts.last.map(String.init) ?? "" : ""
        let known = ["weight", "bias", "scale", "input_scale", "lora_a", "lora_b"].contains(suffix)
        let base = prefix + (known ? parts.dropLast() : parts).joined(separator: ".")

        place = Self.place(of: base, layer: layer, traits)
        operation =
            if suffix == "bias" {
                .other
            } else if traits.contains(.router), suffix.hasPrefix("lora_") {
                .multiplyExperts
            } else if Self.expertMatrices.contains(base) {
                .multiplyExperts
            } else if Self.matrices.contains(base) {
                .multiply
            } else {
                .other
            }
    }

    private static let numbered: Set<Substring> = ["blk", "convnext", "posnet"]

    private static func place(
        of base: String,
        layer: Int?,
        _ traits: Architecture.Traits
    ) -> Place {
        if unused.contains(base) { return .unused }
        if let layer { return .layer(layer) }
        if inputs.contains(base) { return .input }
        if base.hasPrefix("rope_f") { return .rotary }
        if base == "token_embd_norm", traits.contains(.embeddingNormIsOutput) { return .output }
        // The others without a number are created as part of layer 0.
        return firstLayer.contains(base) ? .layer(0) : .output
    }

    /// `LLM_TENSOR_LAYER_INPUT`.
    private static let inputs: Set<String> = [
        "token_embd", "position_embd", "token_types", "per_layer_token_embd",
    ]

    /// `LLM_TENSOR_LAYER_REPEATING` without a number.
    private static let firstLayer: Set<String> = [
        "token_embd_norm", "per_layer_model_proj", "per_layer_proj_norm", "hrm.z_l_init", "conv1d",
        "nextn.pre_projection",
    ]

    /// `GGML_OP_NONE`.
    private static let unused: Set<String> = [
        "dec.cross_attn_rel_b", "masked_embd_centroids", "masked_embd_ordering",
    ]

    /// `GGML_OP_MUL_MAT_ID`.
    private static let expertMatrices: Set<String> = [
        "ffn_gate_exps", "ffn_up_exps", "ffn_gate_up_exps", "ffn_down_exps", "ffn_gate_chexps",
        "ffn_up_chexps", "ffn_down_chexps",
    ]

    /// `GGML_OP_MUL_MAT`.
    private static let matrices = Set(
        """
        output cls cls.output fc decision.proj_memory decision.proj_question
        decision.proj_option_question decision.proj_global decision.proj_option_context
        decision.proj_option_lexical decision.scorer decision.scorer_out dense_2 dense_3
        output_hc_fn output_hc_down output_hc_up altup_proj altup_unembd_proj
        per_layer_model_proj nextn.pre_projection nextn.post_projection markov_w2 conf_proj
        selector_hidden
        attn_q attn_k attn_v attn_qkv attn_output attn_gate attn_q_a attn_q_b attn_kv_a_mqa
        attn_kv_b attn_kv attn_output_a attn_output_b attn_k_b attn_v_b
        attn_compressor_kv attn_compressor_gate attn_conv_proj ffn_conv_proj
        ffn_gate ffn_down ffn_up ffn_gate_inp ffn_gate_inp_shexp ffn_gate_shexp ffn_down_shexp
        ffn_up_shexp ffn_latent_down ffn_latent_up ffn_routed_down ffn_routed_up
        hc_attn_fn hc_attn_down hc_attn_up hc_attn_inject hc_ffn_fn hc_ffn_down hc_ffn_up
        hc_ffn_inject ple_key ple_value
        ssm_in ssm_x ssm_dt ssm_out ssm_alpha ssm_ba ssm_beta ssm_f_a ssm_f_b ssm_g_a ssm_g ssm_g_b
        time_mix_w1 time_mix_w2 time_mix_a1 time_mix_a2 time_mix_v1 time_mix_v2 time_mix_g1
        time_mix_g2 time_mix_decay_w1 time_mix_decay_w2 time_mix_key time_mix_value
        time_mix_receptance time_mix_gate time_mix_output channel_mix_key channel_mix_receptance
        channel_mix_value
        inp_gate proj altup_correct_coef altup_predict_coef altup_router laurel_l laurel_r
        posnet.attn_q posnet.attn_k posnet.attn_v posnet.attn_output convnext.pw1 convnext.pw2
        shortconv.in_proj shortconv.out_proj
        vis_attn_qkv vis_attn_output vis_gate vis_down vis_up
        indexer.proj indexer.attn_k indexer.attn_q_b indexer.q_proj indexer.k_proj
        indexer_compressor_kv indexer_compressor_gate
        nextn.eh_proj nextn.shared_head_head nextn.hc_head_down nextn.hc_head_up
        enc.attn_q enc.attn_k enc.attn_v enc.attn_o enc.ffn_gate enc.ffn_down enc.ffn_up
        dec.attn_q dec.attn_k dec.attn_v dec.attn_o dec.cross_attn_q dec.cross_attn_k
        dec.cross_attn_v dec.cross_attn_o dec.ffn_gate dec.ffn_down dec.ffn_up
        """.split(whereSeparator: \.isWhitespace).map(String.init)
    )
}
