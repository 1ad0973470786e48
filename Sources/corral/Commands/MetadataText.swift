import CorralGGUF

/// A metadata value as it is shown: long arrays by their length and beginning.
enum MetadataText: Encodable, Hashable {
    case integer(Int64)
    case unsigned(UInt64)
    case number(Double)
    case flag(Bool)
    case text(String)
    /// The first elements, and how many there are.
    case array([MetadataText], count: UInt64)

    /// The elements of an array that are shown.
    static let shownElements = 8

    init(_ value: GGUFValue) {
        switch value {
        case .string(let text): self = .text(text)
        case .bool(let flag): self = .flag(flag)
        case .float32, .float64: self = .number(value.double ?? 0)
        case .uint64(let number): self = .unsigned(number)
        case .array(let array):
            let limit = Self.shownElements
            let elements: [MetadataText] =
                array.strings?.prefix(limit).map { .text($0) }
                ?? array.bools?.prefix(limit).map { .flag($0) }
                ?? array.integers?.prefix(limit).map { .integer($0) }
                ?? array.doubles?.prefix(limit).map { .number($0) } ?? []
            self = .array(elements, count: array.count)
        default: self = .integer(value.signed ?? 0)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .integer(let number): try container.encode(number)
        case .unsigned(let number): try container.encode(number)
        // JSON has no word for what is not finite.
        case .number(let number):
            if number.isFinite {
                try container.encode(number)
            } else {
                try container.encode("\(number)")
            }
        case .flag(let flag): try container.encode(flag)
        case .text(let text): try container.encode(text)
        case .array(let elements, let count):
            try container.encode(Array(count: count, first: elements))
        }
    }

    private struct Array: Encodable {
        var count: UInt64
        var first: [MetadataText]
    }

    /// The value in one line; where output goes to a terminal, long texts are cut.
    func shortened(_ width: Int?) -> String {
        switch self {
        case .integer(let number): return "\(number)"
        case .unsigned(let number): return "\(number)"
        case .number(let number): return "\(number)"
        case .flag(let flag): return "\(flag)"
        case .text(let text):
            guard width != nil, text.count > 200 else { return text }
            return "\(text.prefix(200))… (\(text.count) letters)"
        case .array(let elements, let count):
            guard !elements.isEmpty || count == 0 else { return "(\(count) elements)" }
            let shown = elements.map { $0.shortened(width) }.joined(separator: ", ")
            let more = count > UInt64(elements.count) ? ", … (\(count) elements)" : ""
            return "[\(shown)\(more)]"
        }
    }
}
