import CorralPlanner
import CorralTesting

extension ContextOptions {
    /// Options of any kind, odd numbers among them.
    static func random(using random: inout SeededGenerator) -> ContextOptions {
        func pick<T>(_ values: T...) -> T {
            values[Int.random(in: 0..<values.count, using: &random)]
        }
        let sequences = pick(1, 1, 1, 1, 2, 3, 4, 4, 7, 16)
        let micro = max(
            sequences,
            pick(1, 7, 32, 64, 100, 128, 200, 256, 333, 512, 512, 1024, 2048)
        )
        let batch = pick(micro, micro, 2 * micro, 700, 2048, 4096)
        let embeds = Int.random(in: 0..<5, using: &random) == 0
        let flash = pick(FlashAttention.automatic, .automatic, .on, .off)
        let keys = pick(CacheType.f16, .f16, .f16, .q8_0, .q4_0, .f32, .bf16)
        let values =
            flash == .off
            ? pick(CacheType.f16, .f32)
            : Bool.random(using: &random) ? keys : pick(CacheType.f16, .q8_0)
        return ContextOptions(
            contextTokens: pick(100, 256, 512, 1000, 1024, 2048, 4096, 5000, 8192, 16384, 32768),
            batch: batch,
            microBatch: micro,
            sequences: sequences,
            unifiedCache: Bool.random(using: &random),
            flashAttention: flash,
            keyCacheType: keys,
            valueCacheType: values,
            // With fewer outputs than sequences llama.cpp aborts.
            outputs: embeds ? nil : pick(nil, nil, sequences, sequences, sequences, 100),
            embeddings: embeds,
            fullWindowCache: Int.random(in: 0..<5, using: &random) == 0
        )
    }
}
