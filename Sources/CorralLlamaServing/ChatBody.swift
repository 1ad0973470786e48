import CorralLlama

/// What `/v1/chat/completions` takes, as far as the in-process engine understands it.
struct ChatBody: Decodable {
    struct Message: Decodable {
        var role: String
        var content: Content?
    }

    /// A text, or parts of one.
    enum Content: Decodable {
        struct Part: Decodable {
            var type: String
            var text: String?
        }
        case text(String)
        case parts([Part])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .parts(try container.decode([Part].self))
            }
        }
    }

    struct StreamOptions: Decodable {
        var includeUsage: Bool?
    }

    var model: String?
    var stream: Bool?
    var streamOptions: StreamOptions?
    var conversation: [ChatMessage] = []
    var sampling: SamplingBody

    private enum Key: String, CodingKey {
        case model, stream, streamOptions, messages
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        model = try container.decodeIfPresent(String.self, forKey: .model)
        stream = try container.decodeIfPresent(Bool.self, forKey: .stream)
        streamOptions = try container.decodeIfPresent(
            StreamOptions.self,
            forKey: .streamOptions
        )
        sampling = try SamplingBody(from: decoder)
        for message in try container.decode([Message].self, forKey: .messages) {
            conversation.append(
                ChatMessage(
                    ChatMessage.Role(rawValue: message.role),
                    try Self.text(message.content)
                )
            )
        }
        guard !conversation.isEmpty else {
            throw InProcessFailure.invalid("messages", "'messages' must not be empty.")
        }
    }

    private static func text(_ content: Content?) throws -> String {
        switch content {
        case nil: return ""
        case .text(let text): return text
        case .parts(let parts):
            return try parts.map { part in
                guard part.type == "text", let text = part.text else {
                    throw InProcessFailure.unsupported("messages[].content[].\(part.type)")
                }
                return text
            }.joined(separator: "\n")
        }
    }
}

/// What `/v1/completions` takes.
struct CompletionBody: Decodable {
    var model: String?
    var stream: Bool?
    var streamOptions: ChatBody.StreamOptions?
    var prompt: String
    var sampling: SamplingBody

    private enum Key: String, CodingKey {
        case model, stream, streamOptions, prompt
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        model = try container.decodeIfPresent(String.self, forKey: .model)
        stream = try container.decodeIfPresent(Bool.self, forKey: .stream)
        streamOptions = try container.decodeIfPresent(
            ChatBody.StreamOptions.self,
            forKey: .streamOptions
        )
        guard let text = try? container.decode(String.self, forKey: .prompt) else {
            throw InProcessFailure.invalid("prompt", "'prompt' must be one text.")
        }
        prompt = text
        sampling = try SamplingBody(from: decoder)
    }
}
