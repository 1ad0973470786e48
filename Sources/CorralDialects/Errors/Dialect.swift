package import CorralJSON
import CorralWire
import HTTPTypes
package import NIOCore

/// The API in whose shape a route reports errors.
package enum Dialect: Sendable {
    /// OpenAI's, and everything that follows it.
    case openAI
    /// OpenAI's, with the events of its responses API.
    case openAIResponses
    /// Anthropic's.
    case anthropic
    /// Ollama's.
    case ollama
    /// Cohere's.
    case cohere
    /// OpenAI's, with the members besides that the clients of Cohere and Jina read.
    case rerank

    /// The body of an error.
    package func body(of error: RequestError, requestID: String) -> JSONValue {
        switch self {
        case .openAI, .openAIResponses: ["error": Self.openAIError(error)]
        case .ollama: ["error": .string(error.message)]
        case .cohere: ["id": .string(requestID), "message": .string(error.message)]
        case .rerank:
            [
                "error": Self.openAIError(error),
                "message": .string(error.message), "detail": .string(error.message),
            ]
        case .anthropic:
            [
                "type": "error",
                "error": [
                    "type": .string(error.code.anthropicType),
                    "message": .string(error.message),
                ],
                "request_id": .string(requestID),
            ]
        }
    }

    /// The body of an error where the request is not known well enough to say whose
    /// words to use: OpenAI's members and Anthropic's, which do not contradict each
    /// other.
    package static func bodyForAll(of error: RequestError, requestID: String) -> JSONValue {
        [
            "type": "error", "error": openAIError(error), "request_id": .string(requestID),
        ]
    }

    private static func openAIError(_ error: RequestError) -> JSONValue {
        JSONValue(
            encoding: ErrorAnswer.Failure(
                message: error.message,
                type: error.code.openAIType,
                param: error.parameter,
                code: error.code.name
            )
        )
    }

    /// The event that reports an error in a stream that has begun.
    ///
    /// OpenAI's clients raise it as an error for its `error` member; Anthropic's
    /// for the name of the event.
    package func event(of error: RequestError, requestID: String) -> ByteBuffer {
        let body = body(of: error, requestID: requestID)
        switch self {
        case .openAI, .cohere, .rerank: return ByteBuffer(string: "data: \(body.text)\n\n")
        case .ollama: return ByteBuffer(string: "\(body.text)\n")
        case .anthropic: return ByteBuffer(string: "event: error\ndata: \(body.text)\n\n")
        case .openAIResponses:
            guard case .object(let members) = body else { return ByteBuffer() }
            let event = JSONValue.object(
                [
                    (name: "type", value: "error"),
                    (name: "code", value: .string(error.code.name)),
                    (name: "message", value: .string(error.message)),
                    (name: "param", value: JSONValue(error.parameter)),
                ] + members
            )
            return ByteBuffer(string: "event: error\ndata: \(event.text)\n\n")
        }
    }

    /// Puts an error that a model reported into this API's shape.
    ///
    /// llama-server reports errors as OpenAI does on every route, and those of its
    /// HTTP library without a word.
    package func reshape(_ refusal: ModelRefusal, requestID: String) -> ByteBuffer {
        guard let message = refusal.message else {
            if self == .anthropic, isOwnShape(refusal.body) { return refusal.body }
            let reason = refusal.status.reasonPhrase
            let error = RequestError(
                RequestError.Code(name: "refused_by_model", status: refusal.status),
                "The model refused the request (\(refusal.status.code) \(reason))."
            )
            return ByteBuffer(string: body(of: error, requestID: requestID).text)
        }
        switch self {
        case .openAI, .openAIResponses: return refusal.body
        case .ollama: return JSONValue.object([(name: "error", value: .string(message))]).buffer
        case .cohere:
            let shaped: JSONValue = ["id": .string(requestID), "message": .string(message)]
            return shaped.buffer
        case .rerank:
            let shaped: JSONValue = [
                "error": .encoded([refusal.error]),
                "message": .string(message), "detail": .string(message),
            ]
            return shaped.buffer
        case .anthropic:
            let shaped: JSONValue = [
                "type": "error",
                "error": [
                    "type": .string(RequestError.Code.anthropicType(of: refusal.status)),
                    "message": .string(message),
                ],
                "request_id": .string(requestID),
            ]
            return shaped.buffer
        }
    }

    /// Whether the body of a model's error is in Anthropic's shape already.
    private func isOwnShape(_ body: ByteBuffer) -> Bool {
        let fields = try? JSONScanner.fields(
            named: ["error", "type"],
            of: body.readableBytesUInt8Span
        )
        return fields?["type"] != nil && fields?["error"]?.kind == .object
    }
}
