public import CorralLlamaServer
public import CorralServer
import HTTPTypes

extension LlamaServerModel: ServedModel {
    /// Hands a request to the model's llama-server.
    public func respond(to request: UpstreamRequest) async throws -> UpstreamResponse {
        // A process that has ended by now never saw the request.
        let isAlive = processID != nil
        let message = HTTPRequest(
            method: request.method,
            scheme: "http",
            authority: "localhost",
            path: request.path,
            headerFields: request.headers
        )
        do {
            let (head, body) = try await send(message, body: request.body)
            return UpstreamResponse(
                status: head.status,
                headers: head.headerFields,
                body: ServedBody(body)
            )
        } catch let error as LlamaServerError {
            throw ServedModelError(isAlive ? .ended : .notDelivered, message: error.message)
        }
    }
}

/// A body whose errors are the server's.
private struct ServedBody: AsyncSequence, Sendable {
    let body: LlamaServerBody

    init(_ body: LlamaServerBody) { self.body = body }

    func makeAsyncIterator() -> Iterator { Iterator(chunks: body.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        var chunks: LlamaServerBody.AsyncIterator

        @concurrent
        mutating func next() async throws -> LlamaServerBody.Element? {
            do {
                return try await chunks.next()
            } catch let error as LlamaServerError {
                throw ServedModelError(.ended, message: error.message)
            }
        }
    }
}
