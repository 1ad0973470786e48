internal import CorralMemory
package import CorralPlanner

extension MemoryPlan {
    /// The plan with what llama.cpp says of its buffers in place of what was computed.
    ///
    /// What llama.cpp has no figure for stays: heaps, work buffers, the process, prompt caches.
    ///
    /// - Parameters:
    ///   - cell: What llama.cpp says of the same model, loaded and used in the same way.
    ///   - accelerators: The devices that buffers may be on besides the host's.
    /// - Returns: The plan with llama.cpp's figures.
    package func replacing(with cell: DryRunCell, _ accelerators: [Accelerator] = []) -> MemoryPlan
    {
        var plan = self
        let host = Set(cell.hostBuffers ?? ["CPU", "CPU_REPACK"])
        plan.buffers = cell.buffers.keys.sorted { left, right in
            // The host's first, as in every plan.
            (host.contains(left) ? 0 : 1, left) < (host.contains(right) ? 0 : 1, right)
        }.compactMap { name in
            guard let told = cell.buffers[name],
                var buffer = buffers.first(where: { $0.name == name }) ?? buffers.first
            else { return nil }
            if buffer.name != name {
                buffer.name = name
                buffer.recurrent = .none
                buffer.domain =
                    host.contains(name)
                    ? .host : accelerators.first { $0.bufferName == name }?.domain ?? .host
            }
            let context = ByteCount(told.context)
            // llama.cpp does not tell caches and states apart.
            buffer.recurrent.bytes = min(buffer.recurrent.bytes, context)
            buffer.cache = Term(context - buffer.recurrent.bytes, .dryRun)
            buffer.weights = Term(ByteCount(told.model), .dryRun)
            buffer.compute = Term(ByteCount(told.compute), .dryRun)
            return buffer
        }
        // Weights used where the file is mapped are those that are not repacked.
        let (mine, its) = (plainWeights, plan.plainWeights)
        if mappedInPlace == mine { plan.mappedInPlace = its }
        plan.output = Term(ByteCount(cell.output), .dryRun)
        plan.contextTokens = cell.contextTokens
        plan.contextTokensPerSequence = cell.sequenceTokens
        plan.flashAttention = cell.flashAttention != 0
        plan.isConservative = false
        return plan
    }

    private var plainWeights: ByteCount {
        buffers.first { $0.name == "CPU" }?.weights.bytes ?? .zero
    }
}
