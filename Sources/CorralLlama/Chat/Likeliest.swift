/// Finds the likeliest of a vocabulary's tokens.
enum Likeliest {
    /// The position of the largest logit, the first of several.
    ///
    /// - Complexity: Two passes over the logits, eight at a time.
    static func index(in logits: Span<Float>) -> Int? {
        guard !logits.isEmpty else { return nil }
        var largest = -Float.infinity
        var lanes = SIMD8<Float>(repeating: largest)
        let whole = logits.count / 8 * 8
        for start in stride(from: 0, to: whole, by: 8) {
            var eight = SIMD8<Float>()
            for lane in 0..<8 { eight[lane] = logits[start + lane] }
            // A comparison with what is no number is false, so that never wins.
            lanes.replace(with: eight, where: eight .> lanes)
        }
        for lane in 0..<8 { largest = max(largest, lanes[lane]) }
        for index in whole..<logits.count where logits[index] > largest { largest = logits[index] }
        return logits.indices.first { logits[$0] == largest } ?? 0
    }
}
