/// Kimi K3: each part of a layer reads a mix of the stream and of what the stream was at earlier
/// layers, its checkpoints (`models/kimi-k3.cpp`).
extension BatchGraph {
    /// The checkpoints so far, side by side, and one that is not yet among them.
    struct Checkpoints {
        var all: Value?
        var count: Int64 = 0
        var latest: Value?
    }

    /// One layer, from the stream of its input to that of its output.
    mutating func addCheckpointLayer(_ index: Int, _ stream: Value) -> Value {
        let every = Int(model.compute.checkpointLayers)
        let isCheckpoint = every > 0 && index % every == 0
        let read = every > 0 ? mixed(stream) : stream
        if isCheckpoint { bank(stream) }
        let normed = norm(index, "attn_norm", read)
        sketch.expand(normed)
        let part =
            model.layers[index].isRecurrent
            ? recurrent(index, normed) ?? normed
            : output(index, normed, attention(index, normed))
        let sum = isCheckpoint ? part : sketch.reuse(stream, part)
        let input = norm(index, "ffn_norm", every > 0 ? mixed(sum) : sum)
        return sketch.reuse(sum, feedForward(index, input, rows: tokens))
    }

    /// The stream as the last norm reads it.
    mutating func mixCheckpoints(_ stream: Value) -> Value {
        model.compute.checkpointLayers > 0 ? mixed(stream) : stream
    }

    private mutating func bank(_ stream: Value) {
        gatherLatest()
        checkpoints.latest = stream
    }

    /// Puts the latest checkpoint beside the others, when it is first read.
    private mutating func gatherLatest() {
        guard let latest = checkpoints.latest else { return }
        checkpoints.latest = nil
        checkpoints.count += 1
        let bytes = floats(checkpoints.count, model.embedding, tokens)
        checkpoints.all =
            checkpoints.all.map { sketch.make(bytes, $0, sketch.view(latest)) }
            ?? sketch.view(latest)
    }

    private mutating func mixed(_ stream: Value) -> Value {
        gatherLatest()
        guard let all = checkpoints.all else { return stream }
        let count = checkpoints.count
        let bytes = floats(count, model.embedding, tokens)
        let width = floats(model.embedding, tokens)
        let normed = sketch.reuse(sketch.make(bytes, all))
        let scores = sketch.make(floats(count, tokens), normed)
        let own = sketch.make(floats(tokens), sketch.reuse(sketch.reuse(stream)))
        let both = sketch.make(floats(count + 1, tokens), sketch.view(scores), own)
        let shares = sketch.reuse(both)
        let ofAll = sketch.make(floats(count, tokens), sketch.view(shares))
        let sum = sketch.make(width, all, ofAll)
        let ofStream = sketch.make(floats(tokens), sketch.view(shares))
        return sketch.reuse(sum, sketch.reuse(stream, ofStream))
    }
}
