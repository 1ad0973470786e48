import CorralServing
import Foundation
import HTTPTypes
import NIOCore

extension JSONEncoder {
    /// Writes JSON as OpenAI's clients read it.
    static var openAI: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return encoder
    }
}

/// Reads a body of JSON.
///
/// - Throws: ``InProcessFailure`` that names the field that is wrong.
func decoded<Body: Decodable>(_ body: ByteBuffer) throws -> Body {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
        return try decoder.decode(Body.self, from: Data(body.readableBytesView))
    } catch let error as DecodingError {
        let path: [any CodingKey]
        let message: String
        switch error {
        case .keyNotFound(let key, let context):
            path = context.codingPath + [key]
            message = "is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            path = context.codingPath
            message = "has the wrong type"
        case .dataCorrupted(let context):
            path = context.codingPath
            message = "cannot be read"
        @unknown default:
            path = []
            message = "cannot be read"
        }
        let name = path.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }
            .joined()
        let field = name.hasPrefix(".") ? String(name.dropFirst()) : name
        throw InProcessFailure.invalid(field, "'\(field)' \(message).")
    }
}

extension UpstreamResponse {
    /// An answer of JSON, whole.
    static func json(
        _ value: some Encodable,
        status: HTTPResponse.Status = .ok
    ) -> UpstreamResponse {
        // Numbers that are not finite are the one thing that cannot be written.
        let data = (try? JSONEncoder.openAI.encode(value)) ?? Data("{}".utf8)
        let buffer = ByteBuffer(bytes: data)
        var headers: HTTPFields = [.contentType: "application/json; charset=utf-8"]
        headers[.contentLength] = "\(buffer.readableBytes)"
        return UpstreamResponse(status: status, headers: headers, body: OneChunk(buffer))
    }
}
