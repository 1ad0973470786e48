import NIOCore

/// Ranks in the words of the API that was asked.
struct RerankAnswer: AnswerTranslation {
    let api: RerankAPI
    let request: RerankRequest
    let requestID: String

    mutating func whole(_ body: ByteBuffer) throws(RequestError) -> ByteBuffer {
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
