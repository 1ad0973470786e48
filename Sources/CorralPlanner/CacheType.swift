/// How keys or values are stored in the KV cache: the types `llama-server --cache-type-k` takes
/// (llama.cpp b11434, `common/arg.cpp`, `kv_cache_types`).
public enum CacheType: String, CaseIterable, Codable, Hashable, Sendable {
    /// Floats of 32 bits.
    case f32
    /// Floats of 16 bits, the default.
    case f16
    /// Floats of 16 bits with the range of 32.
    case bf16
    /// 8.5 bits an element: about half of `f16`.
    case q8_0
    /// 6 bits an element.
    case q5_1
    /// 5.5 bits an element.
    case q5_0
    /// 5 bits an element.
    case q4_1
    /// 4.5 bits an element.
    case q4_0
    /// 4.5 bits an element, with an uneven scale.
    case iq4_nl

    /// The elements of one block.
    public var blockElements: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        default: 32
        }
    }

    /// The bytes of one block (`ggml-common.h`).
    public var blockBytes: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q8_0: 34
        case .q5_1: 24
        case .q5_0: 22
        case .q4_1: 20
        case .q4_0, .iq4_nl: 18
        }
    }

    /// True where elements are stored in blocks, which for values needs flash attention.
    public var isQuantized: Bool { blockElements > 1 }

    /// The bytes of a row of `elements`, the last block counted whole.
    func rowBytes(_ elements: Int64) -> Int64 {
        (elements + Int64(blockElements) - 1) / Int64(blockElements) * Int64(blockBytes)
    }
}

extension CacheType: CustomStringConvertible {
    /// The name llama.cpp's options take.
    public var description: String { rawValue }
}
