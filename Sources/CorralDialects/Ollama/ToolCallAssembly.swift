import CorralJSON
import NIOCore

/// Puts the calls of tools together, which a stream brings in pieces.
struct ToolCallAssembly: Sendable {
    private var calls: [AnswerDelta.Call] = []

    /// Adds a part of a call.
    mutating func add(_ delta: AnswerDelta.Call) {
        if let position = calls.firstIndex(where: { $0.index == delta.index }) {
            calls[position].arguments += delta.arguments
            if let name = delta.name, calls[position].name == nil { calls[position].name = name }
        } else {
            calls.append(delta)
        }
    }

    /// Hands over the calls, complete.
    ///
    /// - Returns: The calls in Ollama's words, and the text of those that the model
    ///   did not finish, which nobody could carry out.
    mutating func take() -> (calls: [JSONValue], unfinished: String) {
        defer { calls = [] }
        var complete: [JSONValue] = []
        var unfinished = ""
        for call in calls {
            let text = call.arguments.isEmpty ? ByteBuffer(string: "{}") : call.line
            guard let arguments = try? JSONNode(object: text) else {
                unfinished += call.arguments
                continue
            }
            var members: [(name: String, value: JSONValue)] = []
            if let id = call.id { members.append(("id", .string(id))) }
            members.append(
                (
                    "function",
                    [
                        "index": JSONValue(call.index),
                        "name": .string(call.name ?? ""),
                        "arguments": JSONValue(arguments),
                    ]
                )
            )
            complete.append(.object(members))
        }
        return (complete, unfinished)
    }
}

extension AnswerDelta.Call {
    /// The arguments on one line, for a streamed answer's objects are lines.
    ///
    /// A model may spread them over several. In JSON a line break stands between tokens only; in
    /// texts it is escaped.
    fileprivate var line: ByteBuffer {
        let lineBreaks: Set<UInt8> = [0x0A, 0x0D]
        return ByteBuffer(bytes: arguments.utf8.map { lineBreaks.contains($0) ? 0x20 : $0 })
    }
}
