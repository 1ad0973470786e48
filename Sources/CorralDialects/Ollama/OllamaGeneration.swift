import CorralJSON
package import NIOCore

/// A request to `/api/generate` or `/api/chat`, put into OpenAI's shape.
package struct OllamaGeneration: Sendable {
    /// The members of the bodies that are read.
    package static let fields: Set<String> = [
        "model", "name", "stream", "keep_alive", "priority", "options", "format", "think", "prompt",
        "suffix", "system", "template", "context", "raw", "images", "messages", "tools",
        "tool_choice", "logprobs", "top_logprobs",
    ]

    /// Whether the answer comes in pieces; it does unless the client says otherwise.
    let isStream: Bool
    /// Whether what the model thinks is passed on.
    package let showsThinking: Bool
    /// The tokens of context the request asks for, or none.
    package let contextTokens: Int?
    /// The path of the request to the model.
    package let path: String
    /// The body of the request to the model.
    package let body: ByteBuffer

    /// Translates a request that has something to answer.
    ///
    /// - Parameters:
    ///   - kind: The route.
    ///   - fields: What the client sent.
    ///   - name: The model, as it is listed.
    ///   - trainedContext: The tokens of context it was trained for.
    ///   - defaults: The defaults of the name that the model was called by.
    /// - Throws: ``RequestError`` that names the member at fault.
    package init(
        _ kind: OllamaTranslation.Kind,
        _ fields: RequestFields,
        name: String,
        trainedContext: Int?,
        defaults: OllamaDefaults = OllamaDefaults()
    ) throws(RequestError) {
        let options = try OllamaOptions(
            fields.node("options"),
            trainedContext: trainedContext,
            defaults: defaults
        )
        let format = try OllamaFormat(fields.node("format"))
        let thinking = try OllamaThinking(fields.node("think"))
        isStream = try fields.flag("stream") ?? true
        showsThinking = thinking != .off
        contextTokens = options.contextTokens
        var members: [(name: String, value: JSONValue)] = [
            ("model", .string(name)), ("stream", .bool(isStream)),
        ]
        if isStream { members.append(("stream_options", ["include_usage": true])) }
        members += options.members
        members += try Self.logprobs(fields)
        switch kind {
        case .chat:
            path = "/v1/chat/completions"
            let messages = try OllamaMessages(fields.node("messages"), system: defaults.system)
                .translated
            members.append(("messages", .array(messages)))
            // Ollama has no `tool_choice`; here it means what it does in OpenAI's API.
            for name in ["tools", "tool_choice"] {
                guard let node = fields.node(name), !node.isNull else { continue }
                members.append((name, JSONValue(node)))
            }
            members += format.responseFormat + thinking.members
        case .generate:
            let text = try OllamaText(fields, system: defaults.system)
            path = text.path
            members += text.members
            members += text.isChat ? format.responseFormat + thinking.members : format.members
        }
        body = JSONValue.object(members).buffer
    }

    /// Whether a body has nothing to answer, so that it only loads or unloads.
    package static func isEmpty(_ kind: OllamaTranslation.Kind, _ fields: RequestFields) -> Bool {
        switch kind {
        case .chat: fields.node("messages")?.elements.isEmpty ?? true
        case .generate:
            ["prompt", "suffix"].allSatisfy { name in
                fields.node(name).map { $0.isNull || $0.string == "" } ?? true
            }
                && fields.node("images")?.elements.isEmpty ?? true
        }
    }

    private static func logprobs(
        _ fields: RequestFields
    ) throws(RequestError) -> [(name: String, value: JSONValue)] {
        guard try fields.flag("logprobs") == true else { return [] }
        let top = fields.node("top_logprobs")?.integer ?? 0
        return [("logprobs", true), ("top_logprobs", JSONValue(min(max(top, 0), 20)))]
    }
}
