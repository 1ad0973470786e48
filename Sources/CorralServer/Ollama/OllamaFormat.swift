/// What an answer must look like: anything, any JSON object, or what a schema says.
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

    /// The same in OpenAI's words.
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
