import CorralJSON
package import NIOCore

/// Ranks of documents in the shape of the API that was asked.
package struct RerankTranslation: AnswerTranslation {
    private let api: RerankAPI
    private let request: RerankRequest
    private let requestID: String

    package init(api: RerankAPI, request: RerankRequest, requestID: String) {
        self.api = api
        self.request = request
        self.requestID = requestID
    }

    package mutating func whole(_ body: ByteBuffer) throws(RequestError) -> ByteBuffer {
        let node: JSONNode
        do {
            node = try JSONNode(object: body)
        } catch {
            throw .unknownAnswer("\(error)")
        }
        let answer = node.members
        var results: [JSONValue] = []
        for result in answer["results"]?.elements ?? [] {
            guard let index = result["index"]?.integer, let score = result["relevance_score"],
                request.documents.indices.contains(index)
            else { throw .unknownAnswer("a result is of no document") }
            var members: [(name: String, value: JSONValue)] = [
                ("index", JSONValue(index)), ("relevance_score", JSONValue(score)),
            ]
            if request.returnsDocuments {
                members.append(("document", document(at: index)))
            }
            results.append(.object(members))
        }
        return JSONValue.object(
            [("id", .string(requestID)), ("results", .array(results))] + rest(answer)
        ).buffer
    }

    /// A document as clients of both APIs read it: an object, with all that was sent.
    private func document(at index: Int) -> JSONValue {
        let document = request.documents[index]
        return document.kind == .string ? ["text": JSONValue(document)] : JSONValue(document)
    }

    private func rest(_ answer: [String: JSONNode]) -> [(name: String, value: JSONValue)] {
        let tokens = answer["usage"]?["prompt_tokens"]?.integer ?? 0
        let meta: JSONValue = [
            "api_version": ["version": api == .cohere ? "2" : "1"],
            "tokens": ["input_tokens": JSONValue(tokens), "output_tokens": 0],
        ]
        guard api == .shared else { return [("meta", meta)] }
        let passed = ["model", "object", "usage"].compactMap { name in
            answer[name].map { (name: name, value: JSONValue($0)) }
        }
        return passed + [("meta", meta)]
    }
}

/// The API of a path that ranks documents.
package enum RerankAPI: Hashable, Sendable {
    /// Jina's, which is llama-server's, and the first version of Cohere's: one path,
    /// and answers that the clients of all three read.
    case shared
    /// The second version of Cohere's.
    case cohere
}
