/// One metadata value.
///
/// Strings are text for people and templates: bytes that are not UTF-8 become U+FFFD, since
/// llama.cpp loads such files and refusing them here would help nobody. Keys and tensor names are
/// compared, so for those the same bytes are an error.
public enum GGUFValue: Hashable, Sendable {
    /// An unsigned byte.
    case uint8(UInt8)
    /// A signed byte.
    case int8(Int8)
    /// An unsigned integer of 2 bytes.
    case uint16(UInt16)
    /// A signed integer of 2 bytes.
    case int16(Int16)
    /// An unsigned integer of 4 bytes.
    case uint32(UInt32)
    /// A signed integer of 4 bytes.
    case int32(Int32)
    /// A float of 4 bytes.
    case float32(Float)
    /// True or false.
    case bool(Bool)
    /// Text.
    case string(String)
    /// Several values of one type.
    case array(GGUFArray)
    /// An unsigned integer of 8 bytes.
    case uint64(UInt64)
    /// A signed integer of 8 bytes.
    case int64(Int64)
    /// A float of 8 bytes.
    case float64(Double)

    /// The value's type.
    public var type: GGUFValueType {
        switch self {
        case .uint8: .uint8
        case .int8: .int8
        case .uint16: .uint16
        case .int16: .int16
        case .uint32: .uint32
        case .int32: .int32
        case .float32: .float32
        case .bool: .bool
        case .string: .string
        case .array: .array
        case .uint64: .uint64
        case .int64: .int64
        case .float64: .float64
        }
    }
}

extension GGUFValue {
    /// The value of any integer type; `nil` for others and above `Int64.max`.
    public var signed: Int64? {
        switch self {
        case .uint8(let value): Int64(value)
        case .int8(let value): Int64(value)
        case .uint16(let value): Int64(value)
        case .int16(let value): Int64(value)
        case .uint32(let value): Int64(value)
        case .int32(let value): Int64(value)
        case .uint64(let value): Int64(exactly: value)
        case .int64(let value): value
        case .float32, .float64, .bool, .string, .array: nil
        }
    }

    /// The value of any integer type; `nil` for others and below zero.
    public var unsigned: UInt64? {
        if case .uint64(let value) = self { return value }
        return signed.flatMap { UInt64(exactly: $0) }
    }

    /// The value of any number type, rounded where a `Double` has no room; `nil` for others.
    public var double: Double? {
        switch self {
        case .float32(let value): Double(value)
        case .float64(let value): value
        case .uint64(let value): Double(value)
        default: signed.map { Double($0) }
        }
    }

    /// The value where it is a bool.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The value where it is a string.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The value where it is an array.
    public var array: GGUFArray? {
        if case .array(let value) = self { value } else { nil }
    }
}
