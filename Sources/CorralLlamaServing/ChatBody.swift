#if CORRAL_LLAMA
import CorralLlama
import Foundation
import NIOCore

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

    static func read(_ body: ByteBuffer) throws -> ChatBody { try decoded(body) }
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

    static func read(_ body: ByteBuffer) throws -> CompletionBody { try decoded(body) }
}

/// Reads a body of JSON.
///
/// - Throws: ``InProcessFailure`` that names the field that is wrong.
func decoded<Body: Decodable>(_ body: ByteBuffer) throws -> Body {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
        return try decoder.decode(Body.self, from: Data(body.readableBytesView))
    } catch let error as DecodingError {
        let path: [any CodingKey]
        let message: String
        switch error {
        case .keyNotFound(let key, let context):
            path = context.codingPath + [key]
            message = "is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            path = context.codingPath
            message = "has the wrong type"
        case .dataCorrupted(let context):
            path = context.codingPath
            message = "cannot be read"
        @unknown default:
            path = []
            message = "cannot be read"
        }
        let name = path.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }
            .joined()
        let field = name.hasPrefix(".") ? String(name.dropFirst()) : name
        throw InProcessFailure.invalid(field, "'\(field)' \(message).")
    }
}
#endif
