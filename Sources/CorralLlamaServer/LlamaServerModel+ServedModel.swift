import CorralHTTP
public import CorralServing
import HTTPTypes
import NIOCore

extension LlamaServerModel: ServedModel {
    /// Hands a request to the model's llama-server; returns as soon as the head of the answer is
    /// there.
    ///
    /// Cancelling the task that waits or reads, or dropping the body unread, closes the connection,
    /// at which llama-server stops working. There is no limit on time: a token may take minutes.
    ///
    /// Each request has a connection of its own. llama-server promises to keep a connection and then
    /// closes it without a word after a stream (b11434), after 5 s, and after 100 requests; a request
    /// that meets such an end fails, and cannot be told from one that was begun.
    ///
    /// - Throws: `ServedModelError` when the process has ended, ends, or was unloaded;
    ///   `CancellationError` when the task is cancelled.
    public func respond(to request: UpstreamRequest) async throws -> UpstreamResponse {
        do {
            let answer = try await client.send(
                request.path,
                method: request.method,
                headers: ForwardedHeaders.outgoing(request.headers),
                body: request.body,
                to: .unixSocket(socket)
            )
            let response = UpstreamResponse(
                status: answer.status,
                headers: ForwardedHeaders.incoming(answer.headers),
                body: LlamaServerBody(chunks: answer.body, model: self)
            )
            guard answer.status == .internalServerError else { return response }
            return try await RequestBlame.judged(response)
        } catch let error as ServedModelError {
            throw error
        } catch {
            throw await failure(error)
        }
    }
}

/// The body of an answer, whose errors say what became of the process.
struct LlamaServerBody: AsyncSequence, Sendable {
    let chunks: HTTPBody
    let model: LlamaServerModel

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(chunks: chunks.makeAsyncIterator(), model: model)
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        var chunks: HTTPBody.AsyncIterator
        let model: LlamaServerModel

        @concurrent
        mutating func next() async throws -> ByteBuffer? {
            do {
                let chunk = try await chunks.next()
                if chunk == nil { model.noteAnswer() }
                return chunk
            } catch {
                throw await model.failure(error)
            }
        }
    }
}
