package import CorralJSON
package import CorralServing
import HTTPTypes
import NIOCore

/// Cuts texts that a model cannot take in whole, as Ollama does unless told not to.
package struct OllamaTruncation: Sendable {
    /// The tokens the model can take in of one text.
    private let limit: Int

    package init(limit: Int) { self.limit = limit }

    /// The texts, or their first tokens where they have more than the model takes.
    ///
    /// A token is at least a byte, so that only long texts cost a question to the model.
    package func inputs(_ texts: [JSONNode], _ model: any ServedModel) async throws -> JSONValue {
        var inputs: [JSONValue] = []
        for text in texts {
            // Room for the tokens that models put before and behind a text, and quotes.
            if text.encoded.readableBytes + 6 <= limit {
                inputs.append(JSONValue(text))
                continue
            }
            let tokens = try await tokens(text, model)
            guard tokens.count > limit, limit > 1, let last = tokens.last else {
                inputs.append(JSONValue(text))
                continue
            }
            // The last token says that the text ends; it stays the last.
            inputs.append(.array((tokens.prefix(limit - 1) + [last]).map { JSONValue($0) }))
        }
        return .array(inputs)
    }

    private func tokens(_ text: JSONNode, _ model: any ServedModel) async throws -> [JSONNode] {
        let question: JSONValue = ["content": JSONValue(text), "add_special": true]
        let answer = try await model.respond(
            to: UpstreamRequest(
                method: .post,
                path: "/tokenize",
                headers: [.contentType: "application/json"],
                body: question.buffer
            )
        )
        var body = ByteBuffer()
        for try await var chunk in answer.body { body.writeBuffer(&chunk) }
        // A model that cannot tell is asked for the whole text, and says what is wrong.
        guard answer.status == .ok, let node = try? JSONNode(object: body) else { return [] }
        return node["tokens"]?.elements ?? []
    }
}
