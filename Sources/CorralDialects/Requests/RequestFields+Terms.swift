package import CorralCache
import CorralJSON

/// What a request says of its model besides the name.
extension RequestFields {
    /// The members that say which model is asked, and how.
    package static let terms: Set<String> = ["model", "keep_alive", "priority"]

    /// How urgent a request is.
    package func priority() throws(RequestError) -> RequestPriority? {
        guard let text = try text("priority") else { return nil }
        return try RequestFields.priority(text, parameter: "priority")
    }

    package static func priority(
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
    package func keepAlive() throws(RequestError) -> KeepAlive? {
        let name = "keep_alive"
        if let seconds = number(name) {
            return KeepAlive(seconds: seconds)
        }
        guard let text = try text(name) else { return nil }
        return try RequestFields.keepAlive(text, parameter: name)
    }

    package static func keepAlive(
        _ text: String,
        parameter: String
    ) throws(RequestError) -> KeepAlive {
        guard let keepAlive = KeepAlive(parsing: text) else {
            throw RequestError(
                .malformed,
                "'\(parameter)' must be seconds, a time such as '5m', or negative to stay.",
                parameter: parameter
            )
        }
        return keepAlive
    }

    /// The role a model is to play.
    package func role() throws(RequestError) -> ModelRole? {
        guard let text = try text("role") else { return nil }
        return try Self.role(text)
    }

    /// Reads the name of a role.
    package static func role(_ text: String) throws(RequestError) -> ModelRole {
        guard let role = ModelRole(rawValue: text) else {
            let roles = ModelRole.allCases.map(\.rawValue).joined(separator: ", ")
            throw RequestError(.malformed, "'role' must be one of \(roles).", parameter: "role")
        }
        return role
    }

    /// The model as Ollama's clients call it; older ones have it in `name`.
    package func ollamaModel() throws(RequestError) -> String? {
        if let model = try text("model"), !model.isEmpty { return model }
        return try text("name")
    }

    /// How many elements embeddings are to have.
    package func dimensions() throws(RequestError) -> Int? {
        guard let node = node("dimensions"), !node.isNull else { return nil }
        guard let width = node.integer, width > 0 else {
            throw RequestError(
                .malformed,
                "'dimensions' must be a whole number above 0.",
                parameter: "dimensions"
            )
        }
        return width
    }
}
