import CorralJSON

/// The form of an answer: any, any JSON object, or what a schema says.
enum OllamaFormat: Sendable {
    case any
    case object
    case schema(JSONNode)

    /// Reads the member `format`.
    init(_ node: JSONNode?) throws(RequestError) {
        switch node?.kind {
        case nil, .null: self = .any
        case .object: self = node.map(OllamaFormat.schema) ?? .any
        case .string where node?.string == "": self = .any
        case .string where node?.string == "json": self = .object
        default:
            throw RequestError(
                .malformed,
                "'format' must be \"json\" or a JSON schema.",
                parameter: "format"
            )
        }
    }

    /// The schema, where one binds the answer; an empty one stands for any object.
    var members: [(name: String, value: JSONValue)] {
        switch self {
        case .any: []
        case .object: [("json_schema", [:])]
        case .schema(let node): [("json_schema", JSONValue(node))]
        }
    }

    /// The member `response_format` of OpenAI's API.
    var responseFormat: [(name: String, value: JSONValue)] {
        switch self {
        case .any: []
        case .object: [("response_format", ["type": "json_object"])]
        case .schema(let node):
            [
                (
                    "response_format",
                    [
                        "type": "json_schema",
                        "json_schema": [
                            "name": "format", "strict": true, "schema": JSONValue(node),
                        ],
                    ]
                )
            ]
        }
    }
}

/// Whether a model is to think before it answers.
enum OllamaThinking: Sendable, Hashable {
    /// The request does not say: the model does as it was trained to.
    case unsaid
    case off
    case on
    /// With this effort: `low`, `medium` or `high`.
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

    /// The members that the model's template reads.
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
