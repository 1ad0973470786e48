import HTTPTypes

/// Why a request is not answered, in the words of every API.
struct RequestError: Error, Sendable {
    /// What kind of failure it is.
    var code: Code

    /// One sentence or two, with no path of this machine.
    var message: String

    /// The member of the body at fault, if one is.
    var parameter: String?

    /// When to try again, in whole seconds, where that may help.
    var retryAfter: Int?

    /// The methods the route knows, where the method was the matter.
    var allowed: [HTTPRequest.Method] = []

    init(_ code: Code, _ message: String, parameter: String? = nil) {
        self.code = code
        self.message = message
        self.parameter = parameter
    }
}

extension RequestError {
    /// A kind of failure, and what each API calls it.
    struct Code: Hashable, Sendable {
        /// The code as programs read it, in snake case.
        let name: String
        /// The status of the answer.
        let status: HTTPResponse.Status

        static let malformed = Code(name: "malformed_request", status: .badRequest)
        static let wrongRole = Code(name: "wrong_role", status: .badRequest)
        static let modelNotNamed = Code(name: "model_required", status: .badRequest)
        static let wrongKey = Code(name: "invalid_api_key", status: .unauthorized)
        static let insufficientScope = Code(name: "insufficient_scope", status: .forbidden)
        static let tooManyRequests = Code(name: "too_many_requests", status: .tooManyRequests)
        static let timedOut = Code(name: "request_timeout", status: .requestTimeout)
        static let tooManyConnections = Code(
            name: "too_many_connections",
            status: .serviceUnavailable
        )
        static let headerTooLarge = Code(
            name: "header_too_large",
            status: .requestHeaderFieldsTooLarge
        )
        static let foreignHost = Code(name: "host_not_allowed", status: .forbidden)
        static let foreignOrigin = Code(name: "origin_not_allowed", status: .forbidden)
        static let modelNotFound = Code(name: "model_not_found", status: .notFound)
        static let routeNotFound = Code(name: "route_not_found", status: .notFound)
        static let wrongMethod = Code(name: "method_not_allowed", status: .methodNotAllowed)
        static let bodyTooLarge = Code(name: "request_too_large", status: .contentTooLarge)
        static let wrongMediaType = Code(
            name: "unsupported_media_type",
            status: .unsupportedMediaType
        )
        static let invalidConfiguration = Code(
            name: "invalid_configuration",
            status: .unprocessableContent
        )
        static let notSupported = Code(name: "not_supported", status: .notImplemented)
        static let modelFailed = Code(name: "model_failed", status: .badGateway)

        /// The error's type in OpenAI's API.
        var openAIType: String {
            switch status {
            case .unauthorized: "authentication_error"
            case .forbidden: "permission_error"
            case .tooManyRequests: "rate_limit_error"
            default: status.code < 500 ? "invalid_request_error" : "server_error"
            }
        }

        /// The error's type in Anthropic's API.
        var anthropicType: String { Self.anthropicType(of: status) }

        static func anthropicType(of status: HTTPResponse.Status) -> String {
            switch status {
            case .unauthorized: "authentication_error"
            case .forbidden: "permission_error"
            case .notFound: "not_found_error"
            case .contentTooLarge: "request_too_large"
            case .tooManyRequests: "rate_limit_error"
            case .serviceUnavailable: "overloaded_error"
            default: status.code < 500 ? "invalid_request_error" : "api_error"
            }
        }
    }
}
