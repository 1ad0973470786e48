import CorralLlama
import CorralServing
import HTTPTypes

/// Why the in-process engine does not answer a request, as an OpenAI client reads it.
struct InProcessFailure: Error, Hashable {
    var status: HTTPResponse.Status
    var code: String
    var parameter: String?
    var message: String

    /// A field that is wrong.
    static func invalid(_ parameter: String, _ message: String) -> InProcessFailure {
        InProcessFailure(
            status: .badRequest,
            code: "invalid_value",
            parameter: parameter,
            message: message
        )
    }

    /// A field that only llama-server understands.
    static func unsupported(_ parameter: String) -> InProcessFailure {
        InProcessFailure(
            status: .badRequest,
            code: "unsupported_in_process",
            parameter: parameter,
            message:
                "'\(parameter)' is not supported by the in-process engine; leave it out, or serve with --engine llama-server."
        )
    }

    /// What llama.cpp could not do.
    ///
    /// - Returns: `nil` where the model has ended, which asking again may mend.
    init?(_ error: LlamaError) {
        switch error.code {
        case .contextOverflow:
            self.init(
                status: .badRequest,
                code: "context_length_exceeded",
                message: error.message
            )
        case .badArgument, .badGrammar, .unsupportedTemplate, .wrongRole:
            self.init(
                status: .badRequest,
                code: error.code.description,
                message: error.message
            )
        case .unloaded, .fileChanged: return nil
        default:
            self.init(
                status: .internalServerError,
                code: error.code.description,
                message: error.message
            )
        }
    }

    init(
        status: HTTPResponse.Status,
        code: String,
        parameter: String? = nil,
        message: String
    ) {
        self.status = status
        self.code = code
        self.parameter = parameter
        self.message = message
    }

    private struct Body: Encodable {
        struct Content: Encodable {
            var message: String
            var type: String
            var param: String?
            var code: String
        }
        var error: Content
    }

    /// The answer that says so.
    var response: UpstreamResponse {
        let type = status.code < 500 ? "invalid_request_error" : "server_error"
        return .json(
            Body(error: .init(message: message, type: type, param: parameter, code: code)),
            status: status
        )
    }
}
