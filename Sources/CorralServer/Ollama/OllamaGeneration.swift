import NIOCore

/// A request to `/api/generate` or `/api/chat`, put into OpenAI's words.
struct OllamaGeneration: Sendable {
    /// The members of the bodies that count.
    static let fields: Set<String> = [
        "model", "name", "stream", "keep_alive", "priority", "options", "format", "think", "prompt",
        "suffix", "system", "template", "context", "raw", "images", "messages", "tools",
        "tool_choice", "logprobs", "top_logprobs",
    ]

    /// Whether the answer comes in pieces; it does unless the client says otherwise.
    let isStream: Bool
    /// Whether what the model thinks is passed on.
    let showsThinking: Bool
    /// The tokens of context the request asks for, or none.
    let contextTokens: Int?
    /// Where the model is asked.
    let path: String
    /// What it is asked.
    let body: ByteBuffer

    /// Translates a request that has something to answer.
    ///
    /// - Parameters:
    ///   - kind: The route.
    ///   - fields: What the client sent.
    ///   - name: The model, as it is listed.
    ///   - trainedContext: The tokens of context it was trained for.
    ///   - defaults: What goes with the name it was called by.
    /// - Throws: ``RequestError`` that names the member at fault.
    init(
        _ kind: OllamaAnswer.Kind,
        _ fields: RequestFields,
        name: String,
        trainedContext: Int?,
        defaults: ServedDefaults = ServedDefaults()
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
        members += try Self.likelihoods(fields)
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
    static func isEmpty(_ kind: OllamaAnswer.Kind, _ fields: RequestFields) -> Bool {
        switch kind {
        case .chat: fields.node("messages")?.elements.isEmpty ?? true
        case .generate:
            ["prompt", "suffix"].allSatisfy { name in
                fields.node(name).map { $0.isNull || $0.string == "" } ?? true
            }
                && fields.node("images")?.elements.isEmpty ?? true
        }
    }

    private static func likelihoods(
        _ fields: RequestFields
    ) throws(RequestError) -> [(name: String, value: JSONValue)] {
        guard try fields.flag("logprobs") == true else { return [] }
        let top = fields.node("top_logprobs")?.integer ?? 0
        return [("logprobs", true), ("top_logprobs", JSONValue(min(max(top, 0), 20)))]
    }
}

/// What `/api/generate` is to make a text of.
private struct OllamaText {
    let path: String
    let members: [(name: String, value: JSONValue)]
    /// Whether the model's template is applied.
    let isChat: Bool

    init(_ fields: RequestFields, system usual: String?) throws(RequestError) {
        let prompt = fields.node("prompt")
        if let prompt, prompt.kind != .string, !prompt.isNull {
            throw RequestError(.malformed, "'prompt' must be a text.", parameter: "prompt")
        }
        let value = prompt.flatMap { $0.isNull ? nil : JSONValue($0) } ?? ""
        let isRaw = try fields.flag("raw") ?? false
        let system = try fields.text("system") ?? ""
        try Self.refuseTemplate(fields)
        if isRaw, !system.isEmpty {
            throw RequestError(
                .malformed,
                "With 'raw' the prompt is taken as it is: put 'system' into it.",
                parameter: "system"
            )
        }
        let suffix = try fields.text("suffix") ?? ""
        if !suffix.isEmpty {
            (path, isChat) = ("/infill", false)
            members = [("input_prefix", value), ("input_suffix", .string(suffix))]
        } else if isRaw {
            (path, isChat) = ("/v1/completions", false)
            members = [("prompt", value)]
        } else {
            (path, isChat) = ("/v1/chat/completions", true)
            var messages: [JSONValue] = []
            let chosen = system.isEmpty ? usual ?? "" : system
            if !chosen.isEmpty {
                messages.append(["role": "system", "content": .string(chosen)])
            }
            let content = try OllamaImage.content(prompt, images: fields.node("images"))
            messages.append(["role": "user", "content": content])
            members = [("messages", .array(messages))]
        }
    }

    private static func refuseTemplate(_ fields: RequestFields) throws(RequestError) {
        guard try (fields.text("template") ?? "").isEmpty else {
            throw RequestError(
                .malformed,
                """
                Corral uses the template in the model's file and takes no other: send a 'prompt' \
                in the model's own format with \"raw\": true.
                """,
                parameter: "template"
            )
        }
        guard fields.node("context")?.elements.isEmpty ?? true else {
            throw RequestError(
                .malformed,
                "Corral keeps no 'context' between requests: send the conversation to /api/chat.",
                parameter: "context"
            )
        }
    }
}
