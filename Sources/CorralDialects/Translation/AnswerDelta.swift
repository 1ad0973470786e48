import CorralJSON
import NIOCore

/// What one event of a streamed answer adds, or a whole answer: of a chat, of a completion, or of
/// an infill.
struct AnswerDelta: Sendable {
    /// A call of a tool, or a part of one.
    struct Call: Sendable {
        /// The position of the call among the calls of the answer.
        var index: Int
        /// The identifier of the call.
        var id: String?
        /// The tool's name.
        var name: String?
        /// More of the arguments, which together are JSON.
        var arguments: String
    }

    /// Text of the answer.
    var content = ""
    /// Text that the model thinks before it answers.
    var thinking = ""
    /// Calls, or parts of them.
    var calls: [Call] = []
    /// The log probabilities of the tokens.
    var logprobs: JSONNode?
    /// Why it ended, when it has: `stop`, `length`, `tool_calls`.
    var finish: String?
    /// The tokens and the time it took, in the last event of a stream.
    var usage: TokenUsage?

    /// Reads the data of an event, or a whole answer.
    ///
    /// - Throws: ``RequestError`` where it says that it failed.
    init(_ text: ByteBuffer) throws(RequestError) {
        let node: JSONNode
        do {
            node = try JSONNode(object: text)
        } catch {
            throw .unknownAnswer("\(error)")
        }
        let members = node.members
        if let error = members["error"] { throw Self.failure(error) }
        if let choice = members["choices"]?.elements.first {
            read(choice: choice.members)
        } else if let text = members["content"]?.string {
            content = text
            if members["stop"]?.flag == true {
                finish = members["stop_type"]?.string == "limit" ? "length" : "stop"
            }
        }
        usage = TokenUsage(members)
    }

    private mutating func read(choice: [String: JSONNode]) {
        finish = choice["finish_reason"]?.string
        logprobs = choice["logprobs"]?["content"]
        if let text = choice["text"]?.string { content = text }
        guard let message = (choice["delta"] ?? choice["message"])?.members else { return }
        content = message["content"]?.string ?? ""
        thinking = message["reasoning_content"]?.string ?? ""
        for (position, call) in (message["tool_calls"]?.elements ?? []).enumerated() {
            let function = call["function"]
            calls.append(
                Call(
                    index: call["index"]?.integer ?? position,
                    id: call["id"]?.string,
                    name: function?["name"]?.string,
                    arguments: function?["arguments"]?.string ?? ""
                )
            )
        }
    }

    private static func failure(_ error: JSONNode) -> RequestError {
        let code = error["code"]?.integer ?? 0
        let message = error["message"]?.string ?? error.string ?? "The model failed."
        return RequestError((400..<500).contains(code) ? .malformed : .modelFailed, message)
    }
}

/// The tokens of an answer and the time they took, as the model counts and times them.
struct TokenUsage: Sendable {
    /// The tokens of the prompt, those remembered from before included.
    var promptTokens = 0
    /// The time that reading the prompt took.
    var promptTime = Duration.zero
    /// The tokens of the answer.
    var answerTokens = 0
    /// The time that writing the answer took.
    var answerTime = Duration.zero

    /// Reads the `usage` and `timings` of an answer; `nil` where it has neither.
    init?(_ members: [String: JSONNode]) {
        let (usage, timings) = (members["usage"]?.members, members["timings"]?.members)
        guard usage != nil || timings != nil else { return nil }
        promptTokens =
            (usage?["prompt_tokens"] ?? members["tokens_evaluated"] ?? timings?["prompt_n"])?
            .integer ?? 0
        answerTokens =
            (usage?["completion_tokens"] ?? members["tokens_predicted"] ?? timings?["predicted_n"])?
            .integer ?? 0
        promptTime = .milliseconds(timings?["prompt_ms"]?.number ?? 0)
        answerTime = .milliseconds(timings?["predicted_ms"]?.number ?? 0)
    }
}
