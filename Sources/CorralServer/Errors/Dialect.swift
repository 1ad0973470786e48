import HTTPTypes
import NIOCore

/// In which API's words a route reports errors.
enum Dialect: Sendable {
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
    /// OpenAI's, with what the clients of Cohere and Jina read beside it.
    case rerank

    /// The body of an error.
    func body(of error: RequestError, requestID: String) -> JSONValue {
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

    private static func openAIError(_ error: RequestError) -> JSONValue {
        [
            "message": .string(error.message),
            "type": .string(error.code.openAIType),
            "param": JSONValue(error.parameter),
            "code": .string(error.code.name),
        ]
    }

    /// The event that reports an error in a stream that has begun.
    ///
    /// OpenAI's clients raise it as an error for its `error` member; Anthropic's
    /// for the name of the event.
    func event(of error: RequestError, requestID: String) -> ByteBuffer {
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
    /// llama-server reports errors as OpenAI does on every route.
    ///
    /// - Returns: `nil` when it is in shape as it is.
    func reshape(
        _ body: ByteBuffer,
        status: HTTPResponse.Status,
        requestID: String
    ) -> JSONValue? {
        if self == .openAI || self == .openAIResponses { return nil }
        guard
            let error = try? JSONScanner.fields(
                named: ["error", "type"],
                of: body.readableBytesUInt8Span
            ),
            error["type"] == nil, let inner = error["error"], inner.kind == .object
        else { return nil }
        let bytes = body.readableBytesUInt8Span.extracting(inner.range)
        guard
            let message = (try? JSONScanner.fields(named: ["message"], of: bytes))?["message"]?
                .string(in: bytes)
        else { return nil }
        switch self {
        case .openAI, .openAIResponses: return nil
        case .ollama: return ["error": .string(message)]
        case .cohere: return ["id": .string(requestID), "message": .string(message)]
        case .rerank:
            return [
                "error": .encoded([body.getSlice(inner.range)]),
                "message": .string(message), "detail": .string(message),
            ]
        case .anthropic:
            return [
                "type": "error",
                "error": [
                    "type": .string(RequestError.Code.anthropicType(of: status)),
                    "message": .string(message),
                ],
                "request_id": .string(requestID),
            ]
        }
    }
}

extension ByteBuffer {
    /// A part of what can be read.
    fileprivate func getSlice(_ range: Range<Int>) -> ByteBuffer {
        getSlice(at: readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }
}
