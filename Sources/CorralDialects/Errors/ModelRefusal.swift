import CorralJSON
package import HTTPTypes
package import NIOCore

/// An error that a model answered with.
package struct ModelRefusal: Sendable {
    /// The status of the answer.
    package let status: HTTPResponse.Status

    /// The answer as it came.
    package let body: ByteBuffer

    /// The message of the error; `nil` where the body is not in OpenAI's shape.
    package let message: String?

    /// The `error` member, as it came; empty where there is none.
    package let error: ByteBuffer

    /// Reads an answer.
    package init(status: HTTPResponse.Status, body: ByteBuffer) {
        self.status = status
        self.body = body
        let bytes = body.readableBytesUInt8Span
        guard let fields = try? JSONScanner.fields(named: ["error", "type"], of: bytes),
            fields["type"] == nil, let error = fields["error"], error.kind == .object
        else {
            message = nil
            self.error = ByteBuffer()
            return
        }
        let start = body.readerIndex + error.range.lowerBound
        self.error = body.getSlice(at: start, length: error.range.count) ?? ByteBuffer()
        let inner = bytes.extracting(error.range)
        let members = try? JSONScanner.fields(named: ["message"], of: inner)
        message = members?["message"]?.string(in: inner)
    }

    /// The failure this is, where the model is to blame and not the request: then
    /// asking again may help.
    ///
    /// - Parameter redact: Takes this machine's paths out of the message.
    /// - Returns: `nil` for a refusal, which the client is told as it is; so is what
    ///   the model cannot do at all (501).
    package func failure(redact: (String) -> String) -> RequestError? {
        guard status.code >= 500, status != .notImplemented else { return nil }
        let said = message.map { redact($0) } ?? "status \(status.code)"
        var failure = RequestError(.modelFailed, "The model failed: \(said)")
        failure.retryAfter = 1
        return failure
    }
}
