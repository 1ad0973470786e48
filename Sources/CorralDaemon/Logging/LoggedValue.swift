import Logging

/// A value of a log line as JSON has it: numbers stay numbers, so that programs can
/// compare them.
enum LoggedValue: Hashable, Sendable {
    case text(String)
    case whole(Int64)
    case number(Double)
    case flag(Bool)
    case list([LoggedValue])
    case object([String: LoggedValue])

    init(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): self = .text(text)
        case .stringConvertible(let value): self.init(described: value)
        case .array(let values): self = .list(values.map(LoggedValue.init))
        case .dictionary(let values): self = .object(values.mapValues(LoggedValue.init))
        }
    }

    private init(described value: any CustomStringConvertible) {
        switch value {
        case let value as any BinaryInteger: self = .whole(Int64(clamping: value))
        // JSON has no infinity.
        case let value as Double: self = value.isFinite ? .number(value) : .text("\(value)")
        case let value as Bool: self = .flag(value)
        default: self = .text("\(value)")
        }
    }
}

extension LoggedValue: Encodable {
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let value): try container.encode(value)
        case .whole(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .flag(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .object(let values): try container.encode(values)
        }
    }
}
