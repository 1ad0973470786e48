import CorralCache
import HTTPTypes
import Hummingbird
import NIOCore

/// Reading what a client sends.
extension CorralResponder {
    /// Reads the whole body.
    ///
    /// - Throws: ``RequestError`` when it is larger than allowed, known from its
    ///   announced length before any of it is read, or not said to be JSON.
    func body(of request: Request) async throws -> ByteBuffer {
        if let type = request.headers[.contentType]?.lowercased(), type.hasPrefix("multipart/") {
            throw RequestError(.wrongMediaType, "The body must be JSON, not \(type.prefix(64)).")
        }
        let limit = (Caller.current ?? Caller()).bodyLimit(configuration.bodyLimit)
        let length = request.contentLength ?? 0
        guard length <= limit else { throw Self.tooLarge(limit) }
        var body = ByteBuffer()
        for try await var chunk in request.body {
            guard body.readableBytes + chunk.readableBytes <= limit else {
                throw Self.tooLarge(limit)
            }
            if body.readableBytes == 0, chunk.readableBytes >= length {
                body = chunk
            } else {
                if body.capacity == 0 { body.reserveCapacity(length) }
                body.writeBuffer(&chunk)
            }
        }
        return body
    }

    private static func tooLarge(_ limit: Int) -> RequestError {
        RequestError(.bodyTooLarge, "The body is larger than \(limit) bytes, the limit.")
    }

    /// Finds the members of a body that concern the server.
    func fields(_ names: Set<String>, of body: ByteBuffer) throws(RequestError) -> RequestFields {
        do {
            return RequestFields(
                body: body,
                fields: try JSONScanner.fields(named: names, of: body.readableBytesUInt8Span)
            )
        } catch {
            throw RequestError(.malformed, "\(error)")
        }
    }
}
