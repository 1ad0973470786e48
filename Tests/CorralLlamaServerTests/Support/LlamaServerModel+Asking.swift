import CorralServing
import HTTPTypes
import NIOCore

@testable import CorralLlamaServer

/// An answer that has begun.
struct BegunAnswer {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    var body: LlamaServerBody
}

extension LlamaServerModel {
    /// Sends a request and collects the answer.
    func ask(
        _ path: String,
        _ body: String? = nil,
        headers: HTTPFields = [:]
    ) async throws -> (status: Int, text: String) {
        let answer = try await respond(to: request(path, body, headers))
        var all = ByteBuffer()
        for try await chunk in answer.body { all.writeImmutableBuffer(chunk) }
        return (answer.status.code, String(buffer: all))
    }

    /// Sends a request and returns with the head.
    func begin(
        _ path: String,
        _ body: String? = nil,
        headers: HTTPFields = [:]
    ) async throws -> BegunAnswer {
        let answer = try await respond(to: request(path, body, headers))
        guard let body = answer.body as? LlamaServerBody else {
            throw Unexpected("the body was collected")
        }
        return BegunAnswer(status: answer.status, headers: answer.headers, body: body)
    }

    private func request(
        _ path: String,
        _ body: String?,
        _ headers: HTTPFields
    ) -> UpstreamRequest {
        var headers = headers
        if body != nil { headers[.contentType] = "application/json" }
        return UpstreamRequest(
            method: body == nil ? .get : .post,
            path: path,
            headers: headers,
            body: ByteBuffer(string: body ?? "")
        )
    }
}
