internal import CorralGGUF

extension HyperParameters.Compute {
    /// Reads the widths that only the compute buffer depends on.
    init(_ reader: MetadataReader) throws(PlanError) {
        let width = HyperParameters.widthBound
        let small = HyperParameters.headBound
        experts = try reader.number("expert_count", in: small)
        sharedFeedForward = try reader.number("expert_shared_feed_forward_length", in: width)
        innerState = try reader.number("ssm.inner_size", in: width)
        stateSize = try reader.number("ssm.state_size", in: small)
        stateGroups = try reader.number("ssm.group_count", in: small)
        timeStepRank = try reader.number("ssm.time_step_rank", in: width)
        convolution = try reader.number("ssm.conv_kernel", in: 0...1024)
        queryRank = try reader.number("attention.q_lora_rank", in: width)
        keyValueRank = try reader.number("attention.kv_lora_rank", in: width)
        latentKeyHead = try reader.number("attention.key_length_mla", in: small)
        latentValueHead = try reader.number("attention.value_length_mla", in: small)
        rotary = try reader.number("rope.dimension_count", in: small)
        denseLead = try reader.number("leading_dense_block_count", in: 0...512)
        hyperConnections = try reader.number("hyper_connection.count", in: 0...1024)
        deltaHead = try reader.number("kda.head_dim", in: small)
        perLayerEmbedding = try reader.number("embedding_length_per_layer_input", in: width)
        indexerHeads = try reader.number("attention.indexer.head_count", in: small)
        indexerTop = try reader.number("attention.indexer.top_k", in: HyperParameters.countBound)
        checkpointLayers = try reader.number("attn_res.block_size", in: small)
        indexerBlock = try reader.number("attention.indexer.block_size", in: small)
        isParallel = try reader.flag("use_parallel_residual") ?? false
        pooling = Self.pooling(reader, "pooling_type")
        classifierPooling = Self.pooling(reader, "classifier.pooling_type")
        let layers = try reader.required("block_count", in: HyperParameters.layerBound)
        loopLayers = Int(layers)
        skipsLoopNorm = try reader.flag("skip_loop_final_norm") ?? false
        clampedExperts = Self.clamped(reader, "swiglu_clamp_exp", Int(layers))
        clampedGates = Self.clamped(reader, "swiglu_clamp_shexp", Int(layers))
        // llama.cpp writes a 0 into files of one kind of layer.
        let decoders = try reader.number("decoder_block_count", in: 0...512)
        decoderLayers = Int(decoders > 0 ? decoders : layers)
        stackLayers = Int(try reader.number("hrm.layers_per_stack", in: 0...512))
        fastCycles = Int(try reader.number("hrm.l_cycles", in: 0...512))
        recurrentHead = try reader.number("wkv.head_size", in: small)
    }

    /// The layers with a limit, of one for all or one for each.
    private static func clamped(_ reader: MetadataReader, _ name: String, _ layers: Int) -> Set<Int>
    {
        guard let value = reader.metadata[reader.key(name)] else { return [] }
        let limits =
            value.array?.doubles ?? Array(repeating: value.double ?? 0, count: layers)
        // Smaller limits are none (`build_ffn`).
        return Set(limits.prefix(layers).indices.filter { limits[$0] > 1e-6 })
    }

    /// A pooling's number; 0, none, for those that are no pooling, such as llama.cpp's -1 for one
    /// that nobody gave.
    private static func pooling(_ reader: MetadataReader, _ name: String) -> Int64 {
        let given = reader.metadata.signed(reader.key(name)) ?? 0
        return (0...4).contains(given) ? given : 0
    }
}
