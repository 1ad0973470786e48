package import CorralGGUF

/// Writes small GGUF files for tests, well-formed ones and, where told, malformed ones.
///
/// ```swift
/// var builder = GGUFBuilder()
/// builder.set("general.architecture", "llama")
/// builder.set("llama.block_count", 2)
/// builder.addTensor("output.weight", .q8_0, [64, 128])
/// let header = try GGUFHeader(parsing: builder.file().span)
/// ```
///
/// Every field that a file derives from others can be set to a lie: the counts through
/// ``claimedMetadataCount`` and ``claimedTensorCount``, a tensor's offset through ``tensors``,
/// anything else by changing the bytes. The builder checks nothing.
package struct GGUFBuilder: Sendable {
    /// The format's version.
    package var version: UInt32

    /// What tensors are aligned to, in bytes; other than 32, it is written as
    /// `general.alignment` before the other keys.
    package var alignment: UInt32

    /// The keys and values in the order they are written; a key may occur twice.
    package var metadata: [(key: String, value: Value)] = []

    /// The tensors in the order they are written.
    package var tensors: [Tensor] = []

    /// The number of keys the file claims, where it is not the true one.
    package var claimedMetadataCount: UInt64?

    /// The number of tensors the file claims, where it is not the true one.
    package var claimedTensorCount: UInt64?

    /// A file without keys or tensors.
    ///
    /// - Parameters:
    ///   - version: The format's version.
    ///   - alignment: What tensors are aligned to, in bytes.
    package init(version: UInt32 = 3, alignment: UInt32 = 32) {
        self.version = version
        self.alignment = alignment
    }

    /// Adds a key behind the others.
    package mutating func set(_ key: String, _ value: Value) {
        metadata.append((key, value))
    }

    /// Adds a tensor behind the others, at the next aligned offset.
    ///
    /// - Parameters:
    ///   - name: The tensor's name.
    ///   - type: How its elements are stored; an unknown type gets no bytes.
    ///   - dimensions: Its dimensions, `ne0` first.
    package mutating func addTensor(_ name: String, _ type: GGMLType, _ dimensions: [UInt64]) {
        let elements = dimensions.reduce(1, &*)
        let byteCount = type.rowBytes(elements: elements) ?? 0
        tensors.append(
            Tensor(
                name: name,
                type: type,
                dimensions: dimensions,
                offset: dataBytes,
                byteCount: byteCount
            )
        )
    }

    /// The bytes of the tensor data, with padding behind each tensor; offsets do not matter.
    package var dataBytes: UInt64 {
        tensors.reduce(0) { $0 &+ aligned($1.byteCount) }
    }

    /// The bytes before the tensor data, with the padding.
    package func header() -> [UInt8] {
        var bytes: [UInt8] = Array("GGUF".utf8)
        var pairs = metadata
        if alignment != 32 { pairs.insert(("general.alignment", .uint32(alignment)), at: 0) }
        Self.append(version, to: &bytes)
        Self.append(claimedTensorCount ?? UInt64(tensors.count), to: &bytes)
        Self.append(claimedMetadataCount ?? UInt64(pairs.count), to: &bytes)
        for (key, value) in pairs {
            Self.append(key.utf8, to: &bytes)
            Self.append(value.type.rawValue, to: &bytes)
            value.append(to: &bytes)
        }
        for tensor in tensors {
            Self.append(tensor.name.utf8, to: &bytes)
            Self.append(UInt32(tensor.dimensions.count), to: &bytes)
            for dimension in tensor.dimensions { Self.append(dimension, to: &bytes) }
            Self.append(tensor.type.rawValue, to: &bytes)
            Self.append(tensor.offset, to: &bytes)
        }
        let padding = aligned(UInt64(bytes.count)) - UInt64(bytes.count)
        return bytes + [UInt8](repeating: 0, count: Int(padding))
    }

    /// The whole file; every byte of the tensor data is zero.
    package func file() -> [UInt8] {
        header() + [UInt8](repeating: 0, count: Int(dataBytes))
    }

    private func aligned(_ offset: UInt64) -> UInt64 {
        let step = UInt64(max(alignment, 1))
        return (offset &+ step &- 1) / step * step
    }

    fileprivate static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        append(word: UInt64(truncatingIfNeeded: value), value.bitWidth / 8, to: &bytes)
    }

    /// Not generic: tests write hundreds of thousands of integers in unoptimized builds.
    private static func append(word: UInt64, _ count: Int, to bytes: inout [UInt8]) {
        for index in 0..<UInt64(count) {
            bytes.append(UInt8(truncatingIfNeeded: word >> (8 * index)))
        }
    }

    fileprivate static func append(_ text: some Collection<UInt8>, to bytes: inout [UInt8]) {
        append(UInt64(text.count), to: &bytes)
        bytes.append(contentsOf: text)
    }
}

extension GGUFBuilder {
    /// A tensor as it is written; change a field to write a lie.
    package struct Tensor: Hashable, Sendable {
        /// The name.
        package var name: String
        /// How the elements are stored.
        package var type: GGMLType
        /// The dimensions, `ne0` first.
        package var dimensions: [UInt64]
        /// The first byte, counted from the start of the tensor data.
        package var offset: UInt64
        /// The bytes that the file holds for it; not written.
        package var byteCount: UInt64

        /// Describes a tensor that need not make sense.
        ///
        /// - Parameters:
        ///   - name: The name.
        ///   - type: How the elements are stored.
        ///   - dimensions: The dimensions, `ne0` first.
        ///   - offset: The first byte, counted from the start of the tensor data.
        ///   - byteCount: The bytes that the file holds for it.
        package init(
            name: String,
            type: GGMLType,
            dimensions: [UInt64],
            offset: UInt64,
            byteCount: UInt64
        ) {
            self.name = name
            self.type = type
            self.dimensions = dimensions
            self.offset = offset
            self.byteCount = byteCount
        }
    }

    /// A value to write; integer literals become uint32 as llama.cpp's converter writes them.
    package indirect enum Value: Hashable, Sendable {
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
        /// Text that need not be UTF-8.
        case bytes([UInt8])
        /// An array; every element must be of the type given.
        case array(GGUFValueType, [Value])
        /// An unsigned integer of 8 bytes.
        case uint64(UInt64)
        /// A signed integer of 8 bytes.
        case int64(Int64)
        /// A float of 8 bytes.
        case float64(Double)

        /// An array of strings.
        package static func strings(_ values: [String]) -> Value {
            .array(.string, values.map { .string($0) })
        }

        /// An array of int32, as llama.cpp's converter writes per-layer numbers.
        package static func integers(_ values: [Int32]) -> Value {
            .array(.int32, values.map { .int32($0) })
        }

        /// An array of bools.
        package static func bools(_ values: [Bool]) -> Value {
            .array(.bool, values.map { .bool($0) })
        }

        /// The type that is written.
        package var type: GGUFValueType {
            switch self {
            case .uint8: .uint8
            case .int8: .int8
            case .uint16: .uint16
            case .int16: .int16
            case .uint32: .uint32
            case .int32: .int32
            case .float32: .float32
            case .bool: .bool
            case .string, .bytes: .string
            case .array: .array
            case .uint64: .uint64
            case .int64: .int64
            case .float64: .float64
            }
        }

        fileprivate func append(to bytes: inout [UInt8]) {
            switch self {
            case .uint8(let value): GGUFBuilder.append(value, to: &bytes)
            case .int8(let value): GGUFBuilder.append(value, to: &bytes)
            case .uint16(let value): GGUFBuilder.append(value, to: &bytes)
            case .int16(let value): GGUFBuilder.append(value, to: &bytes)
            case .uint32(let value): GGUFBuilder.append(value, to: &bytes)
            case .int32(let value): GGUFBuilder.append(value, to: &bytes)
            case .uint64(let value): GGUFBuilder.append(value, to: &bytes)
            case .int64(let value): GGUFBuilder.append(value, to: &bytes)
            case .float32(let value): GGUFBuilder.append(value.bitPattern, to: &bytes)
            case .float64(let value): GGUFBuilder.append(value.bitPattern, to: &bytes)
            case .bool(let value): bytes.append(value ? 1 : 0)
            case .string(let text): GGUFBuilder.append(text.utf8, to: &bytes)
            case .bytes(let text): GGUFBuilder.append(text, to: &bytes)
            case .array(let type, let values):
                GGUFBuilder.append(type.rawValue, to: &bytes)
                GGUFBuilder.append(UInt64(values.count), to: &bytes)
                for value in values { value.append(to: &bytes) }
            }
        }
    }
}

extension GGUFBuilder.Value: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByBooleanLiteral
{
    /// A uint32.
    package init(integerLiteral value: UInt32) { self = .uint32(value) }
    /// A float of 4 bytes.
    package init(floatLiteral value: Float) { self = .float32(value) }
    /// Text.
    package init(stringLiteral value: String) { self = .string(value) }
    /// A bool.
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}
