/// Whether a model is to think before it answers.
enum OllamaThinking: Sendable, Hashable {
    /// As the model does of itself.
    case unsaid
    case off
    case on
    /// As hard as this: `low`, `medium`, `high`.
    case effort(String)

    /// Reads the member `think`.
    init(_ node: JSONNode?) throws(RequestError) {
        switch node?.kind {
        case nil, .null: self = .unsaid
        case .bool(let flag): self = flag ? .on : .off
        case .string:
            guard let text = node?.string, ["low", "medium", "high", "max"].contains(text) else {
                fallthrough
            }
            self = .effort(text == "max" ? "high" : text)
        default:
            throw RequestError(
                .malformed,
                "'think' must be true, false, \"low\", \"medium\", \"high\" or \"max\".",
                parameter: "think"
            )
        }
    }

    /// What the model's template is told.
    var members: [(name: String, value: JSONValue)] {
        switch self {
        case .unsaid: []
        case .off: [("chat_template_kwargs", ["enable_thinking": false])]
        case .on: [("chat_template_kwargs", ["enable_thinking": true])]
        case .effort(let effort):
            [
                ("chat_template_kwargs", ["enable_thinking": true]),
                ("reasoning_effort", .string(effort)),
            ]
        }
    }
}
