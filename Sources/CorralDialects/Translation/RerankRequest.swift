import CorralJSON
package import NIOCore

/// A request to rank documents, in the shape that llama-server reads.
package struct RerankRequest: Sendable {
    /// The members of the body that are read.
    package static let fields = RequestFields.terms.union([
        "query", "documents", "texts", "top_n", "return_documents",
    ])

    /// The documents as the client sent them.
    let documents: [JSONNode]
    /// Whether the answer repeats the documents.
    let returnsDocuments: Bool
    /// The body of the request to the model.
    package let body: ByteBuffer

    /// Whether a body can pass to the model as it is: its documents are texts, and
    /// none is to be repeated.
    package static func passes(_ fields: RequestFields) -> Bool {
        guard let documents = fields.node("documents") else { return true }
        if fields.node("return_documents")?.flag == true { return false }
        return documents.elements.allSatisfy { $0.kind == .string }
    }

    /// Translates a request.
    ///
    /// - Throws: ``RequestError`` that names the member at fault.
    package init(_ fields: RequestFields, name: String) throws(RequestError) {
        guard let query = fields.node("query"), query.kind == .string else {
            throw RequestError(.malformed, "'query' must be a text.", parameter: "query")
        }
        let list = fields.node("documents")
        guard let list, list.kind == .array, !list.elements.isEmpty else {
            throw RequestError(
                .malformed,
                "'documents' must be a list of at least one document.",
                parameter: "documents"
            )
        }
        documents = list.elements
        var texts: [JSONValue] = []
        for document in documents { texts.append(try Self.text(document)) }
        returnsDocuments = try fields.flag("return_documents") ?? false
        var members: [(name: String, value: JSONValue)] = [
            ("model", .string(name)), ("query", JSONValue(query)), ("documents", .array(texts)),
        ]
        if let top = fields.node("top_n"), !top.isNull {
            guard let count = top.integer, count > 0 else {
                throw RequestError(
                    .malformed,
                    "'top_n' must be a whole number above 0.",
                    parameter: "top_n"
                )
            }
            members.append(("top_n", JSONValue(count)))
        }
        body = JSONValue.object(members).buffer
    }

    private static func text(_ document: JSONNode) throws(RequestError) -> JSONValue {
        if document.kind == .string { return JSONValue(document) }
        guard let text = document["text"], text.kind == .string else {
            throw RequestError(
                .malformed,
                "Each of the 'documents' must be a text or an object with a 'text'.",
                parameter: "documents"
            )
        }
        return JSONValue(text)
    }
}
