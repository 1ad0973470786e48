import CorralLlama
import Foundation

/// How OpenAI's clients read an answer, whole or in events.
struct AnswerShape: Sendable {
    enum Kind: Sendable {
        case chat
        case completion
    }

    struct Usage: Encodable {
        struct Details: Encodable { var cachedTokens: Int }
        var promptTokens: Int
        var completionTokens: Int
        var totalTokens: Int
        var promptTokensDetails: Details

        init(_ summary: ReplySummary) {
            promptTokens = summary.usage.promptTokens
            completionTokens = summary.usage.answerTokens
            totalTokens = promptTokens + completionTokens
            promptTokensDetails = Details(cachedTokens: summary.usage.reusedTokens)
        }
    }

    struct Answer: Encodable {
        struct Message: Encodable {
            var role: String?
            var content: String?
        }
        struct Choice: Encodable {
            var index = 0
            var message: Message?
            var delta: Message?
            var text: String?
            var finishReason: String?
        }
        var id: String
        var object: String
        var created: Int
        var model: String
        var choices: [Choice]
        var usage: Usage?
    }

    let kind: Kind
    let model: String
    let includesUsage: Bool
    private let id: String
    private let created: Int

    init(kind: Kind, model: String, includesUsage: Bool) {
        self.kind = kind
        self.model = model
        self.includesUsage = includesUsage
        let prefix = kind == .chat ? "chatcmpl-" : "cmpl-"
        id = prefix + String(UInt64.random(in: .min ... .max), radix: 36)
        created = Int(Date().timeIntervalSince1970)
    }

    private static func reason(_ summary: ReplySummary) -> String {
        summary.reason == .stop ? "stop" : "length"
    }

    private func answer(
        _ object: String,
        _ choices: [Answer.Choice],
        _ usage: Usage? = nil
    ) -> Answer {
        Answer(
            id: id,
            object: object,
            created: created,
            model: model,
            choices: choices,
            usage: usage
        )
    }

    /// The answer in one piece.
    func whole(_ text: String, _ summary: ReplySummary) -> Answer {
        var choice = Answer.Choice(finishReason: Self.reason(summary))
        switch kind {
        case .chat: choice.message = .init(role: "assistant", content: text)
        case .completion: choice.text = text
        }
        let object = kind == .chat ? "chat.completion" : "text_completion"
        return answer(object, [choice], Usage(summary))
    }

    /// The event that begins a streamed answer, where there is one.
    var first: Answer? {
        kind == .chat ? chunk(.init(delta: .init(role: "assistant", content: ""))) : nil
    }

    /// The event of a piece of the answer.
    func piece(_ text: String) -> Answer {
        switch kind {
        case .chat: chunk(.init(delta: .init(content: text)))
        case .completion: chunk(.init(text: text))
        }
    }

    /// The events that end a streamed answer.
    func last(_ summary: ReplySummary) -> [Answer] {
        var end = Answer.Choice(finishReason: Self.reason(summary))
        switch kind {
        case .chat: end.delta = .init()
        case .completion: end.text = ""
        }
        let object = kind == .chat ? "chat.completion.chunk" : "text_completion"
        return [chunk(end)]
            + (includesUsage ? [answer(object, [], Usage(summary))] : [])
    }

    private func chunk(_ choice: Answer.Choice) -> Answer {
        answer(kind == .chat ? "chat.completion.chunk" : "text_completion", [choice])
    }
}
