extension JSONValue {
    /// Writes a value as JSON: its members in the order in which it encodes them, their names in
    /// snake case.
    ///
    /// A member that has no value is left out, unless the value encodes `nil` itself; numbers that
    /// are not finite become null. The value's `encode(to:)` must not throw: none does that is
    /// synthesized over texts, numbers and lists.
    package init(encoding value: some Encodable) {
        let encoder = JSONValueEncoder()
        do {
            try value.encode(to: encoder)
        } catch {
            preconditionFailure("\(type(of: value)) cannot be written as JSON: \(error)")
        }
        self = encoder.place.value
    }
}

/// Makes ``JSONValue``s, because Foundation's encoder does not keep the order of members.
private struct JSONValueEncoder: Encoder {
    let place = JSONPlace()
    var codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        place.beginObject()
        return KeyedEncodingContainer(JSONMembers(place: place, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        place.beginArray()
        return JSONElements(place: place, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        JSONSingle(place: place, codingPath: codingPath)
    }
}

/// Where a value is put together, shared by the containers that write its parts.
private final class JSONPlace {
    private enum State {
        case scalar(JSONValue)
        case array([JSONPlace])
        case object([(name: String, place: JSONPlace)])
    }

    private var state = State.scalar(.null)

    var value: JSONValue {
        switch state {
        case .scalar(let value): value
        case .array(let places): .array(places.map(\.value))
        case .object(let members): .object(members.map { ($0.name, $0.place.value) })
        }
    }

    var count: Int {
        if case .array(let places) = state { places.count } else { 0 }
    }

    func set(_ value: JSONValue) { state = .scalar(value) }

    /// Begins an object; goes on with the one there is, where a value encodes itself in parts.
    func beginObject() {
        if case .object = state { return }
        state = .object([])
    }

    func beginArray() {
        if case .array = state { return }
        state = .array([])
    }

    func member(_ name: String) -> JSONPlace {
        let place = JSONPlace()
        guard case .object(var members) = state else { return place }
        state = .scalar(.null)
        members.append((name, place))
        state = .object(members)
        return place
    }

    func element() -> JSONPlace {
        let place = JSONPlace()
        guard case .array(var places) = state else { return place }
        state = .scalar(.null)
        places.append(place)
        state = .array(places)
        return place
    }

    func encode(_ value: some Encodable, _ path: [any CodingKey]) throws {
        switch value {
        case let value as String: set(.string(value))
        case let value as Bool: set(.bool(value))
        case let value as Double: set(.number(value))
        case let value as Float: set(.number(Double(value)))
        case let value as any BinaryInteger: set(.integer(Int64(clamping: value)))
        default:
            var encoder = JSONValueEncoder()
            encoder.codingPath = path
            try value.encode(to: encoder)
            set(encoder.place)
        }
    }

    private func set(_ other: JSONPlace) { state = other.state }
}

private struct JSONMembers<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let place: JSONPlace
    let codingPath: [any CodingKey]

    private func member(_ key: Key) -> JSONPlace { place.member(Self.snakeCase(key.stringValue)) }

    /// `loadSeconds` becomes `load_seconds`.
    private static func snakeCase(_ name: String) -> String {
        name.reduce(into: "") { text, character in
            text += character.isUppercase ? "_\(character.lowercased())" : String(character)
        }
    }

    func encodeNil(forKey key: Key) { member(key).set(.null) }

    func encode(_ value: some Encodable, forKey key: Key) throws {
        try member(key).encode(value, codingPath + [key])
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        let place = member(key)
        place.beginObject()
        return KeyedEncodingContainer(
            JSONMembers<Nested>(place: place, codingPath: codingPath + [key])
        )
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        let place = member(key)
        place.beginArray()
        return JSONElements(place: place, codingPath: codingPath + [key])
    }

    func superEncoder() -> any Encoder { JSONValueEncoder(codingPath: codingPath) }

    func superEncoder(forKey key: Key) -> any Encoder { superEncoder() }
}

private struct JSONElements: UnkeyedEncodingContainer {
    let place: JSONPlace
    let codingPath: [any CodingKey]
    var count: Int { place.count }

    func encodeNil() { place.element().set(.null) }

    func encode(_ value: some Encodable) throws {
        try place.element().encode(value, codingPath)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        let place = place.element()
        place.beginObject()
        return KeyedEncodingContainer(JSONMembers<Nested>(place: place, codingPath: codingPath))
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        let place = place.element()
        place.beginArray()
        return JSONElements(place: place, codingPath: codingPath)
    }

    func superEncoder() -> any Encoder { JSONValueEncoder(codingPath: codingPath) }
}

private struct JSONSingle: SingleValueEncodingContainer {
    let place: JSONPlace
    let codingPath: [any CodingKey]

    func encodeNil() { place.set(.null) }

    func encode(_ value: some Encodable) throws { try place.encode(value, codingPath) }
}
