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
        pooling = try reader.number("pooling_type", in: 0...16)
        classifierPooling = try reader.number("classifier.pooling_type", in: 0...16)
        let layers = try reader.required("block_count", in: HyperParameters.layerBound)
        decoderLayers = Int(
            try reader.optional("decoder_block_count", in: HyperParameters.layerBound) ?? layers
        )
        stackLayers = Int(try reader.number("hrm.layers_per_stack", in: 0...512))
        fastCycles = Int(try reader.number("hrm.l_cycles", in: 0...512))
        recurrentHead = try reader.number("wkv.head_size", in: small)
    }
}
