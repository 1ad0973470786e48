public import CorralServing
import Foundation
import HTTPTypes
import NIOCore

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
            if head.status == .internalServerError {
                return try await Self.blamed(head, body)
            }
            return UpstreamResponse(
                status: head.status,
                headers: head.headerFields,
                body: ServedBody(body)
            )
        } catch let error as LlamaServerError {
            throw ServedModelError(isAlive ? .ended : .notDelivered, message: error.message)
        }
    }

    /// The longest error that is looked into, in bytes.
    private static let errorLimit = 1 << 16

    /// An error of llama-server with the status of who is to blame.
    private static func blamed(
        _ head: HTTPResponse,
        _ body: LlamaServerBody
    ) async throws -> UpstreamResponse {
        var whole = ByteBuffer()
        for try await var chunk in body where whole.readableBytes < errorLimit {
            whole.writeBuffer(&chunk)
        }
        var headers = head.headerFields
        headers[.contentLength] = nil
        let message = Self.message(of: whole)
        guard let message, RequestBlame.isOnRequest(message) else {
            return UpstreamResponse(status: head.status, headers: headers, body: OneChunk(whole))
        }
        let refusal: [String: [String: String]] = [
            "error": ["message": message, "type": "invalid_request_error"]
        ]
        let json = try JSONEncoder().encode(refusal)
        return UpstreamResponse(
            status: .badRequest,
            headers: headers,
            body: OneChunk(ByteBuffer(bytes: json))
        )
    }
}

extension LlamaServerModel {
    /// The sentence in an error of llama-server: `{"error": {"message": …}}`.
    private static func message(of body: ByteBuffer) -> String? {
        struct Answer: Decodable {
            struct Failure: Decodable { var message: String }
            var error: Failure
        }
        return try? JSONDecoder().decode(Answer.self, from: Data(body.readableBytesView))
            .error.message
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
