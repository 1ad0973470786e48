import CorralLlamaServer
import HTTPTypes
import NIOCore

extension LlamaServerModel {
    /// Sends a request and collects the answer.
    func ask(
        _ path: String,
        _ body: String? = nil,
        headers: HTTPFields = [:]
    ) async throws -> (status: Int, text: String) {
        let (head, chunks) = try await begin(path, body, headers: headers)
        var all = ByteBuffer()
        for try await chunk in chunks { all.writeImmutableBuffer(chunk) }
        return (head.status.code, String(buffer: all))
    }

    /// Sends a request and returns with the head.
    func begin(
        _ path: String,
        _ body: String? = nil,
        headers: HTTPFields = [:]
    ) async throws -> (head: HTTPResponse, body: LlamaServerBody) {
        var headers = headers
        if body != nil { headers[.contentType] = "application/json" }
        let request = HTTPRequest(
            method: body == nil ? .get : .post,
            scheme: nil,
            authority: nil,
            path: path,
            headerFields: headers
        )
        return try await send(request, body: ByteBuffer(string: body ?? ""))
    }
}
