/// Bytes in each memory domain, such as `host` and `gpu0`.
package struct DomainCounts: Codable, Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// The bytes by the name of the domain, in the order they were given in.
    package var pairs: [(domain: String, bytes: Int64)]

    /// Creates counts from pairs whose domains differ.
    package init(_ pairs: [(domain: String, bytes: Int64)]) { self.pairs = pairs }

    package init(dictionaryLiteral elements: (String, Int64)...) {
        pairs = elements.map { ($0.0, $0.1) }
    }

    /// The bytes in a domain; zero where it is not named.
    package subscript(domain: String) -> Int64 {
        pairs.first { $0.domain == domain }?.bytes ?? 0
    }

    /// The bytes in all domains together.
    package var total: Int64 { pairs.reduce(0) { $0 + $1.bytes } }

    package static func == (first: Self, second: Self) -> Bool {
        first.pairs.elementsEqual(second.pairs, by: ==)
    }

    package func hash(into hasher: inout Hasher) {
        for pair in pairs {
            hasher.combine(pair.domain)
            hasher.combine(pair.bytes)
        }
    }

    private struct Domain: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Reads counts, the domains in order of their names.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Domain.self)
        pairs = try container.allKeys.sorted { $0.stringValue < $1.stringValue }
            .map { ($0.stringValue, try container.decode(Int64.self, forKey: $0)) }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Domain.self)
        for (domain, bytes) in pairs {
            try container.encode(bytes, forKey: Domain(stringValue: domain))
        }
    }
}

/// How long a model may stay idle, as it is written in status: a number of seconds, -1 for "until
/// evicted", or the word `auto`.
package enum KeepAliveValue: Codable, Hashable, Sendable {
    case seconds(Double)
    case untilEvicted
    case word(String)

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let seconds = try? container.decode(Double.self) {
            self = seconds < 0 ? .untilEvicted : .seconds(seconds)
        } else {
            self = .word(try container.decode(String.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .seconds(let seconds): try container.encode(seconds)
        case .untilEvicted: try container.encode(-1)
        case .word(let word): try container.encode(word)
        }
    }
}

/// A member that is written as null where it has no value, while others are left out; it may be
/// missing where it is read.
@propertyWrapper
package struct OrNull<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
    package var wrappedValue: Value?

    package init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue {
            try container.encode(wrappedValue)
        } else {
            try container.encodeNil()
        }
    }
}

extension KeyedDecodingContainer {
    /// What synthesized conformances call for a member that may be missing.
    package func decode<Value>(
        _ type: OrNull<Value>.Type,
        forKey key: Key
    ) throws -> OrNull<Value> {
        try decodeIfPresent(type, forKey: key) ?? OrNull(wrappedValue: nil)
    }
}
