import CorralJSON

/// What the model is asked for a request to `/api/generate`: to chat, to complete or to fill in.
struct OllamaText {
    let path: String
    let members: [(name: String, value: JSONValue)]
    /// Whether the model's template is applied.
    let isChat: Bool

    init(_ fields: RequestFields, system defaultSystem: String?) throws(RequestError) {
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
            let chosen = system.isEmpty ? defaultSystem ?? "" : system
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
