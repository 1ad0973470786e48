import CorralJSON
package import NIOCore

/// The embeddings of an answer, cut to the width a client asks for, in OpenAI's shape.
package struct EmbeddingTranslation: AnswerTranslation {
    /// The elements to keep.
    private let dimensions: Int
    /// Whether the client wants base64 rather than lists of numbers.
    private let isBase64: Bool

    package init(dimensions: Int, isBase64: Bool) {
        self.dimensions = dimensions
        self.isBase64 = isBase64
    }

    package mutating func whole(_ body: ByteBuffer) throws(RequestError) -> ByteBuffer {
        let answer = try EmbeddingReport(body)
        var data: [JSONValue] = []
        for (index, node) in answer.embeddings.enumerated() {
            let vector = try Self.vector(node, dimensions: dimensions)
            data.append([
                "object": "embedding", "index": JSONValue(index),
                "embedding": isBase64 ? vector.base64 : vector.list,
            ])
        }
        var members: [(name: String, value: JSONValue)] = [
            ("object", "list"), ("data", .array(data)),
        ]
        for name in ["model", "usage"] {
            if let node = answer.members[name] { members.append((name, JSONValue(node))) }
        }
        return JSONValue.object(members).buffer
    }

    /// Reads one embedding, in base64, and cuts it.
    static func vector(
        _ node: JSONNode,
        dimensions: Int?
    ) throws(RequestError) -> EmbeddingVector {
        guard let text = node.insideQuotes,
            var vector = EmbeddingVector(base64: text.readableBytesView)
        else { throw .unknownAnswer("an embedding is not in base64") }
        guard let dimensions else { return vector }
        guard dimensions <= vector.elements.count else {
            throw RequestError(
                .malformed,
                "The model makes \(vector.elements.count) dimensions, not \(dimensions).",
                parameter: "dimensions"
            )
        }
        vector.cut(to: dimensions)
        return vector
    }
}

/// An answer with embeddings, in OpenAI's shape, as a model gives it.
struct EmbeddingReport: Sendable {
    let members: [String: JSONNode]

    /// The embeddings in the order of the texts.
    let embeddings: [JSONNode]

    /// The tokens of all texts together.
    var promptTokens: Int { members["usage"]?["prompt_tokens"]?.integer ?? 0 }

    init(_ body: ByteBuffer) throws(RequestError) {
        let node: JSONNode
        do {
            node = try JSONNode(object: body)
        } catch {
            throw .unknownAnswer("\(error)")
        }
        members = node.members
        embeddings = (members["data"]?.elements ?? []).compactMap { $0["embedding"] }
    }
}
