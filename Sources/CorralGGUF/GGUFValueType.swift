/// The types a metadata value can have (`enum gguf_type` in ggml's `gguf.h`).
public enum GGUFValueType: UInt32, Hashable, Sendable, CaseIterable {
    /// An unsigned byte.
    case uint8 = 0
    /// A signed byte.
    case int8 = 1
    /// An unsigned integer of 2 bytes.
    case uint16 = 2
    /// A signed integer of 2 bytes.
    case int16 = 3
    /// An unsigned integer of 4 bytes.
    case uint32 = 4
    /// A signed integer of 4 bytes.
    case int32 = 5
    /// A float of 4 bytes.
    case float32 = 6
    /// One byte; anything but 0 is true.
    case bool = 7
    /// A length of 8 bytes and so many bytes of text.
    case string = 8
    /// An element type of 4 bytes, a count of 8 bytes, and the elements.
    case array = 9
    /// An unsigned integer of 8 bytes.
    case uint64 = 10
    /// A signed integer of 8 bytes.
    case int64 = 11
    /// A float of 8 bytes.
    case float64 = 12

    /// The bytes of one value; `nil` for strings and arrays, which differ from each other.
    public var byteCount: Int? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .array: nil
        }
    }

    /// The fewest bytes a value takes: of an empty string its length, of an empty array its type
    /// and count.
    var minimumByteCount: Int {
        switch self {
        case .string: 8
        case .array: 12
        default: byteCount ?? 0
        }
    }
}
