public import CorralLlama
public import CorralServing
import HTTPTypes

extension LlamaModel: ServedModel {
    /// Answers the OpenAI requests for chat, completions, embeddings and reranking; says of
    /// every other that this engine does not.
    public func respond(to request: UpstreamRequest) async throws -> UpstreamResponse {
        let path = request.path.split(separator: "?").first.map(String.init) ?? request.path
        let name = path.hasPrefix("/v1/") ? String(path.dropFirst(3)) : path
        do {
            switch name {
            case "/chat/completions":
                return try await chat(try decoded(request.body))
            case "/completions":
                return try await complete(try decoded(request.body))
            case "/embeddings": return try await embed(try decoded(request.body))
            case "/rerank", "/reranking":
                return try await rerank(try decoded(request.body))
            default:
                throw InProcessFailure(
                    status: .notImplemented,
                    code: "unsupported_in_process",
                    message:
                        "The in-process engine does not serve \(path): it answers /v1/chat/completions, /v1/completions, /v1/embeddings and /v1/rerank. Serve with --engine llama-server for the others."
                )
            }
        } catch let failure as InProcessFailure {
            return failure.response
        } catch let error as LlamaError {
            guard let failure = InProcessFailure(error) else {
                throw ServedModelError(.notDelivered, message: error.message)
            }
            return failure.response
        }
    }

    private func chat(_ body: ChatBody) async throws -> UpstreamResponse {
        let reply = reply(to: body.conversation, options: try body.sampling.options())
        return try await answer(
            reply,
            AnswerShape(
                kind: .chat,
                model: body.model ?? "",
                includesUsage: body.streamOptions?.includeUsage ?? false
            ),
            isStreamed: body.stream ?? false
        )
    }

    private func complete(_ body: CompletionBody) async throws -> UpstreamResponse {
        try await answer(
            complete(body.prompt, options: try body.sampling.options()),
            AnswerShape(
                kind: .completion,
                model: body.model ?? "",
                includesUsage: body.streamOptions?.includeUsage ?? false
            ),
            isStreamed: body.stream ?? false
        )
    }

    private func answer(
        _ reply: Reply,
        _ shape: AnswerShape,
        isStreamed: Bool
    ) async throws -> UpstreamResponse {
        try await withTaskCancellationHandler {
            // What is refused has a status of its own: the head waits for the first token.
            try await reply.begun()
        } onCancel: {
            reply.cancel()
        }
        guard isStreamed else {
            let text = try await reply.text()
            guard let summary = reply.summary else { throw CancellationError() }
            return .json(shape.whole(text, summary))
        }
        return UpstreamResponse(
            status: .ok,
            headers: [.contentType: "text/event-stream"],
            body: AnswerEvents(reply: reply, shape: shape)
        )
    }

    private func embed(_ body: EmbeddingBody) async throws -> UpstreamResponse {
        let output = try await embeddings(of: body.texts)
        if let wanted = body.dimensions, wanted != output.vectors.first?.count {
            throw InProcessFailure.unsupported("dimensions")
        }
        return .json(
            EmbeddingAnswer(output.vectors, body, tokens: output.tokens)
        )
    }

    private func rerank(_ body: RerankBody) async throws -> UpstreamResponse {
        let output = try await scores(body.query, body.texts)
        return .json(RerankAnswer(output.scores, body, tokens: output.tokens))
    }
}
