import CorralServing
import Foundation
import HTTPTypes
import NIOCore

/// Whose fault an error of llama-server is.
///
/// llama-server (b11434, `ex_wrapper` of tools/server/server.cpp) answers 500 to every exception
/// but `std::invalid_argument`, and most of what its parsers throw at a request that makes no
/// sense is another. A client that is told 500 tries again in vain; 400 says what is the matter.
enum RequestBlame {
    /// The longest error that is looked into, in bytes.
    private static let errorLimit = 1 << 16

    /// Gives an answer of status 500 the status 400 where its message blames the request.
    ///
    /// - Throws: What reading the body throws.
    static func judged(_ response: UpstreamResponse) async throws -> UpstreamResponse {
        var whole = ByteBuffer()
        for try await var chunk in response.body where whole.readableBytes < errorLimit {
            whole.writeBuffer(&chunk)
        }
        var judged = response
        judged.headers[.contentLength] = nil
        judged.body = OneChunk(whole)
        guard let message = message(of: whole), isOnRequest(message) else { return judged }
        let refusal: [String: [String: String]] = [
            "error": ["message": message, "type": "invalid_request_error"]
        ]
        judged.status = .badRequest
        judged.body = OneChunk(ByteBuffer(bytes: try JSONEncoder().encode(refusal)))
        return judged
    }

    /// The sentence in an error of llama-server: `{"error": {"message": …}}`.
    private static func message(of body: ByteBuffer) -> String? {
        struct Answer: Decodable {
            struct Failure: Decodable { var message: String }
            var error: Failure
        }
        return try? JSONDecoder().decode(Answer.self, from: Data(body.readableBytesView))
            .error.message
    }

    /// Whether the message of a 500 blames the request.
    static func isOnRequest(_ message: String) -> Bool {
        beginnings.contains { message.hasPrefix($0) } || parts.contains { message.contains($0) }
    }

    /// How messages begin that parsers of the request write.
    private static let beginnings = [
        "Failed to parse", "failed to parse", "Invalid", "invalid", "Unsupported", "unsupported",
        "Unknown", "unknown", "Expected", "Missing", "missing", "Illegal", "Only one",
        "Cannot use", "Cannot specify", "Either ", "Error: ", "Input ", "Prompt ", "Unexpected",
        "Unrecognized", "JSON schema",
    ]

    /// What such messages hold: errors of the JSON library, of chat templates, of schemas.
    private static let parts = [
        "[json.exception.", " is required", " must be ", " must contain ", " must have ",
        " is not supported", " are not supported", " not supported ", " should be ", "Jinja",
        "template", "grammar", "schema", "tokenize", "out of range",
    ]
}
