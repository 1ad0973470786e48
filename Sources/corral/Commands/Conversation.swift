import Foundation

/// What the chat route takes.
struct ChatRequest: Encodable {
    struct Message: Codable, Hashable {
        var role: String
        var content: String
    }

    var model: String
    var messages: [Message]
    var stream = true
    var maxTokens: Int?
    var temperature: Double?
    var seed: Int?
}

/// A conversation that is printed as it goes on.
protocol Conversing {
    /// Forgets everything but what the model was told first.
    mutating func clear()
    /// Says something and prints the answer.
    mutating func say(_ text: String) async throws
}

/// A conversation with a model of the daemon, printed as it is streamed.
struct Conversation: Conversing {
    private let client: DaemonClient
    private let console: Console
    private let system: ChatRequest.Message?
    private(set) var request: ChatRequest

    init(client: DaemonClient, console: Console, request: ChatRequest, system: String?) {
        self.client = client
        self.console = console
        self.request = request
        self.system = system.map { ChatRequest.Message(role: "system", content: $0) }
        clear()
    }

    /// Forgets everything but what the model was told first.
    mutating func clear() { request.messages = system.map { [$0] } ?? [] }

    /// Says something and prints the answer.
    ///
    /// - Throws: ``CommandFailure``; what was said is then forgotten.
    mutating func say(_ text: String) async throws {
        var asked = request
        asked.messages.append(ChatRequest.Message(role: "user", content: text))
        var (answer, thought, refusal) = ("", false, String?.none)
        try await client.events("/v1/chat/completions", asked) { payload in
            switch ChatChunk(payload) {
            case .text(let piece):
                if thought, answer.isEmpty { console.print() }
                answer += piece
                console.write(piece)
            case .thinking(let piece) where console.width != nil:
                thought = true
                console.write(console.styled(piece, .dim))
            case .failure(let message): refusal = message
            case .thinking, .nothing: break
            }
        }
        if !answer.hasSuffix("\n") { console.print() }
        if let refusal { throw CommandFailure(.failure, refusal) }
        asked.messages.append(ChatRequest.Message(role: "assistant", content: answer))
        request = asked
    }
}

/// One event of a streamed answer.
enum ChatChunk: Hashable {
    /// A piece of the answer.
    case text(String)
    /// A piece of what the model thinks before it answers.
    case thinking(String)
    /// The answer ends early, and why.
    case failure(String)
    /// Anything else.
    case nothing

    private struct Event: Decodable {
        struct Choice: Decodable {
            struct Delta: Decodable {
                var content: String?
                var reasoningContent: String?
            }
            var delta: Delta?
        }
        var choices: [Choice]?
    }

    /// Reads an event's payload.
    init(_ payload: String) {
        let data = Data(payload.utf8)
        if let message = DaemonClient.message(data) {
            self = .failure(message)
        } else if let delta = (try? JSONDecoder.corral.decode(Event.self, from: data))?
            .choices?.first?.delta
        {
            if let text = delta.content, !text.isEmpty {
                self = .text(text)
            } else {
                self = delta.reasoningContent.map { .thinking($0) } ?? .nothing
            }
        } else {
            self = .nothing
        }
    }
}
