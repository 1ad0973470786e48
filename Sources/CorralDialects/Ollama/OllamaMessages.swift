import CorralJSON
import NIOCore

/// The messages of a conversation, put from Ollama's shape into OpenAI's.
struct OllamaMessages: Sendable {
    /// The messages in OpenAI's shape.
    private(set) var translated: [JSONValue] = []

    /// Calls that no message of a tool has answered yet, in order.
    private var open: [(id: String, name: String)] = []
    private var callCount = 0

    /// Translates the member `messages`.
    ///
    /// - Parameters:
    ///   - node: The messages.
    ///   - system: What the system says where none of them is its own.
    /// - Throws: ``RequestError`` that names the member at fault.
    init(_ node: JSONNode?, system: String? = nil) throws(RequestError) {
        guard let node, !node.isNull else { return }
        guard node.kind == .array else {
            throw RequestError(.malformed, "'messages' must be a list.", parameter: "messages")
        }
        if let system, !node.elements.contains(where: { $0["role"]?.string == "system" }) {
            translated.append(["role": "system", "content": .string(system)])
        }
        for message in node.elements { try add(message) }
    }

    private mutating func add(_ node: JSONNode) throws(RequestError) {
        let members = node.members
        guard let role = members["role"]?.string else {
            throw RequestError(
                .malformed,
                "Each of the 'messages' must be an object with a 'role'.",
                parameter: "messages"
            )
        }
        var message: [(name: String, value: JSONValue)] = [
            ("role", .string(role)),
            (
                "content",
                try OllamaImage.content(members["content"], images: members["images"])
            ),
        ]
        if let thinking = members["thinking"], thinking.kind == .string {
            message.append(("reasoning_content", JSONValue(thinking)))
        }
        if let calls = members["tool_calls"], !calls.elements.isEmpty {
            message.append(("tool_calls", .array(try translate(calls))))
        }
        if role == "tool" {
            let name = (members["tool_name"] ?? members["name"])?.string
            let id = members["tool_call_id"]?.string ?? answeredCall(name)
            message.append(("tool_call_id", .string(id)))
            if let name { message.append(("name", .string(name))) }
        }
        translated.append(.object(message))
    }

    private mutating func translate(_ calls: JSONNode) throws(RequestError) -> [JSONValue] {
        var translated: [JSONValue] = []
        for call in calls.elements {
            guard let function = call["function"], let name = function["name"]?.string else {
                throw RequestError(
                    .malformed,
                    "Each of the 'tool_calls' must have a 'function' with a 'name'.",
                    parameter: "tool_calls"
                )
            }
            callCount += 1
            let id = call["id"]?.string ?? "call_\(callCount)"
            open.append((id, name))
            // OpenAI has the arguments as a text that is JSON; some clients do here.
            let arguments = function["arguments"]
            let text = arguments.map { $0.string ?? String(buffer: $0.encoded) } ?? "{}"
            translated.append([
                "id": .string(id), "type": "function",
                "function": ["name": .string(name), "arguments": .string(text)],
            ])
        }
        return translated
    }

    /// The call that a tool's message answers: the first open one of its name.
    private mutating func answeredCall(_ name: String?) -> String {
        let position = open.firstIndex { name == nil || $0.name == name } ?? open.indices.first
        return position.map { open.remove(at: $0).id } ?? "call_0"
    }
}
