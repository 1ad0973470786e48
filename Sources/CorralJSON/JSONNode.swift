package import NIOCore

/// A JSON value that has been checked and not decoded: a slice of what was sent.
///
/// Values that only pass through, images of many megabytes among them, are never
/// copied on the way in, and once on the way out.
package struct JSONNode: Sendable {
    /// What kind of value it is.
    package let kind: JSONField.Kind

    /// The value as it was written, with its quotes or brackets.
    package let encoded: ByteBuffer

    /// Reads a text that is one object.
    ///
    /// - Throws: ``JSONScanError`` where it is not.
    package init(object text: ByteBuffer) throws(JSONScanError) {
        _ = try JSONScanner.fields(named: [], of: text.readableBytesUInt8Span)
        kind = .object
        encoded = text
    }

    /// Takes a value out of the text it was found in.
    package init(_ field: JSONField, in text: ByteBuffer) {
        kind = field.kind
        let start = text.readerIndex + field.range.lowerBound
        encoded = text.getSlice(at: start, length: field.range.count) ?? ByteBuffer()
    }

    private var whole: JSONField { JSONField(kind: kind, range: 0..<encoded.readableBytes) }

    /// A member of an object; of several with the name the last.
    package subscript(name: String) -> JSONNode? {
        guard kind == .object else { return nil }
        let found = try? JSONScanner.fields(named: [name], of: encoded.readableBytesUInt8Span)
        return found?[name].map { JSONNode($0, in: encoded) }
    }

    /// The members of an object by name.
    package var members: [String: JSONNode] {
        guard kind == .object else { return [:] }
        return Dictionary(
            JSONScanner.members(of: encoded.readableBytesUInt8Span).map {
                ($0.name, JSONNode($0.field, in: encoded))
            },
            uniquingKeysWith: { _, last in last }
        )
    }

    /// The elements of an array.
    package var elements: [JSONNode] {
        guard kind == .array else { return [] }
        return JSONScanner.elements(of: encoded.readableBytesUInt8Span).map {
            JSONNode($0, in: encoded)
        }
    }

    /// The text of a string, `nil` of anything else.
    package var string: String? { whole.string(in: encoded.readableBytesUInt8Span) }

    /// The value of a number, `nil` of anything else.
    package var number: Double? { whole.number(in: encoded.readableBytesUInt8Span) }

    /// The value of a whole number, however it is written: `3` or `3.0`.
    package var integer: Int? { number.flatMap { Int(exactly: $0) } }

    /// The value of `true` or `false`, `nil` of anything else.
    package var flag: Bool? {
        guard case .bool(let flag) = kind else { return nil }
        return flag
    }

    /// Whether it is `null`.
    package var isNull: Bool { kind == .null }

    /// What stands between the quotes of a string, escapes and all.
    package var insideQuotes: ByteBuffer? {
        guard kind == .string else { return nil }
        return encoded.getSlice(at: encoded.readerIndex + 1, length: encoded.readableBytes - 2)
    }
}

extension JSONValue {
    /// A value as it was sent.
    package init(_ node: JSONNode) { self = .encoded([node.encoded]) }
}
