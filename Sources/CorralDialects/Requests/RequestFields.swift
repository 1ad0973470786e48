package import CorralJSON
package import NIOCore

/// The members of a body that the server reads.
package struct RequestFields: Sendable {
    private let body: ByteBuffer
    private let fields: [String: JSONField]

    /// Finds members of a body.
    ///
    /// - Parameters:
    ///   - names: The names of those that are wanted.
    ///   - body: What the client sent.
    /// - Throws: ``RequestError`` where it is not one JSON object.
    package init(_ names: Set<String>, of body: ByteBuffer) throws(RequestError) {
        self.body = body
        do {
            fields = try JSONScanner.fields(named: names, of: body.readableBytesUInt8Span)
        } catch {
            throw RequestError(.malformed, "\(error)")
        }
    }

    /// A text, or `nil` when it is absent or null.
    package func text(_ name: String) throws(RequestError) -> String? {
        guard let field = fields[name], field.kind != .null else { return nil }
        guard let text = field.string(in: body.readableBytesUInt8Span) else {
            throw RequestError(.malformed, "'\(name)' must be a text.", parameter: name)
        }
        return text
    }

    /// True or false, or `nil` when it is absent or null.
    package func flag(_ name: String) throws(RequestError) -> Bool? {
        guard let field = fields[name], field.kind != .null else { return nil }
        guard case .bool(let flag) = field.kind else {
            throw RequestError(.malformed, "'\(name)' must be true or false.", parameter: name)
        }
        return flag
    }

    /// A member as it was sent; `nil` when it is absent.
    package func node(_ name: String) -> JSONNode? { fields[name].map { JSONNode($0, in: body) } }

    /// The body without the members that concern this server alone: in their place are spaces.
    package var forModel: ByteBuffer {
        let ours: Set = ["keep_alive", "priority"]
        guard fields.keys.contains(where: ours.contains) else { return body }
        var body = body
        let extents = JSONScanner.extents(of: ours, in: body.readableBytesUInt8Span)
        for extent in extents {
            let start = body.readerIndex + extent.lowerBound
            body.setRepeatingByte(UInt8(ascii: " "), count: extent.count, at: start)
        }
        return body
    }

    /// A number, or `nil` when the member is absent or no number.
    package func number(_ name: String) -> Double? {
        fields[name]?.number(in: body.readableBytesUInt8Span)
    }

    /// Several texts, or `nil` when they are absent or null; one text is one of them.
    package func texts(_ name: String) throws(RequestError) -> [String]? {
        guard let field = fields[name], field.kind != .null else { return nil }
        if field.kind == .string { return try text(name).map { [$0] } }
        guard field.kind == .array,
            let texts = JSONText.strings(body.readableBytesUInt8Span, field.range)
        else {
            throw RequestError(.malformed, "'\(name)' must be a list of texts.", parameter: name)
        }
        return texts
    }

    /// A number of seconds, or `nil` when it is absent or null.
    package func seconds(
        _ name: String,
        from least: Double,
        to most: Double
    ) throws(RequestError) -> Duration? {
        guard let field = fields[name], field.kind != .null else { return nil }
        guard let seconds = field.number(in: body.readableBytesUInt8Span), seconds >= least,
            seconds <= most
        else {
            throw RequestError(
                .malformed,
                "'\(name)' must be a number of seconds from \(Int(least)) to \(Int(most)).",
                parameter: name
            )
        }
        return .seconds(seconds)
    }
}
