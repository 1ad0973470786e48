import CorralCache
import NIOCore

/// The members of a body that concern the server.
struct RequestFields {
    let body: ByteBuffer
    let fields: [String: JSONField]

    /// A text, or `nil` when it is absent or null.
    func text(_ name: String) throws(RequestError) -> String? {
        guard let field = fields[name], field.kind != .null else { return nil }
        guard let text = field.string(in: body.readableBytesUInt8Span) else {
            throw RequestError(.malformed, "'\(name)' must be a text.", parameter: name)
        }
        return text
    }

    /// True or false, or `nil` when it is absent or null.
    func flag(_ name: String) throws(RequestError) -> Bool? {
        guard let field = fields[name], field.kind != .null else { return nil }
        guard case .bool(let flag) = field.kind else {
            throw RequestError(.malformed, "'\(name)' must be true or false.", parameter: name)
        }
        return flag
    }

    /// A member that is there, as it was sent.
    func node(_ name: String) -> JSONNode? { fields[name].map { JSONNode($0, in: body) } }

    /// The body without what is said to this server alone, in as many bytes.
    var forModel: ByteBuffer {
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

    /// How urgent a request is.
    func priority() throws(RequestError) -> RequestPriority? {
        guard let text = try text("priority") else { return nil }
        return try RequestFields.priority(text, parameter: "priority")
    }

    static func priority(
        _ text: String,
        parameter: String
    ) throws(RequestError) -> RequestPriority {
        guard let priority = RequestPriority(rawValue: text.lowercased()) else {
            let known = RequestPriority.allCases.map(\.rawValue).joined(separator: "' or '")
            throw RequestError(
                .malformed,
                "'\(parameter)' must be '\(known)'.",
                parameter: parameter
            )
        }
        return priority
    }

    /// How long a model may stay idle: seconds, or a text such as `5m`.
    func keepAlive() throws(RequestError) -> KeepAlive? {
        let name = "keep_alive"
        if let seconds = fields[name]?.number(in: body.readableBytesUInt8Span) {
            return KeepAlive(seconds: seconds)
        }
        guard let text = try text(name) else { return nil }
        return try RequestFields.keepAlive(text, parameter: name)
    }

    static func keepAlive(_ text: String, parameter: String) throws(RequestError) -> KeepAlive {
        guard let keepAlive = KeepAlive(parsing: text) else {
            throw RequestError(
                .malformed,
                "'\(parameter)' must be seconds, a time such as '5m', or negative to stay.",
                parameter: parameter
            )
        }
        return keepAlive
    }

    /// Several texts, or `nil` when they are absent or null; one text is one of them.
    func texts(_ name: String) throws(RequestError) -> [String]? {
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
    func seconds(
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

    /// The role a model is to play.
    func role() throws(RequestError) -> ModelRole? {
        guard let text = try text("role") else { return nil }
        return try Self.role(text)
    }

    /// The role of a name.
    static func role(_ text: String) throws(RequestError) -> ModelRole {
        guard let role = ModelRole(rawValue: text) else {
            let roles = ModelRole.allCases.map(\.rawValue).joined(separator: ", ")
            throw RequestError(.malformed, "'role' must be one of \(roles).", parameter: "role")
        }
        return role
    }
}
