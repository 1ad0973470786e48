package import HTTPTypes

/// Why a request is not answered: what each API's error is made of.
package struct RequestError: Error, Sendable {
    /// What kind of failure it is.
    package var code: Code

    /// One sentence or two, with no path of this machine.
    package var message: String

    /// The member of the body at fault, if one is.
    package var parameter: String?

    /// When to try again, in whole seconds, where that may help.
    package var retryAfter: Int?

    /// The methods of the path, where the request's method is not one of them.
    package var allowed: [HTTPRequest.Method] = []

    package init(_ code: Code, _ message: String, parameter: String? = nil) {
        self.code = code
        self.message = message
        self.parameter = parameter
    }
}

extension RequestError {
    /// A kind of failure, and what each API calls it.
    package struct Code: Hashable, Sendable {
        /// The code as programs read it, in snake case.
        package let name: String
        /// The status of the answer.
        package let status: HTTPResponse.Status

        package init(name: String, status: HTTPResponse.Status) {
            self.name = name
            self.status = status
        }

        package static let malformed = Code(name: "malformed_request", status: .badRequest)
        package static let wrongRole = Code(name: "wrong_role", status: .badRequest)
        package static let modelNotNamed = Code(name: "model_required", status: .badRequest)
        package static let wrongKey = Code(name: "invalid_api_key", status: .unauthorized)
        package static let insufficientScope = Code(name: "insufficient_scope", status: .forbidden)
        package static let tooManyRequests = Code(
            name: "too_many_requests",
            status: .tooManyRequests
        )
        package static let timedOut = Code(name: "request_timeout", status: .requestTimeout)
        package static let tooManyConnections = Code(
            name: "too_many_connections",
            status: .serviceUnavailable
        )
        package static let headerTooLarge = Code(
            name: "header_too_large",
            status: .requestHeaderFieldsTooLarge
        )
        package static let foreignHost = Code(name: "host_not_allowed", status: .forbidden)
        package static let foreignOrigin = Code(name: "origin_not_allowed", status: .forbidden)
        package static let modelNotFound = Code(name: "model_not_found", status: .notFound)
        package static let routeNotFound = Code(name: "route_not_found", status: .notFound)
        package static let wrongMethod = Code(name: "method_not_allowed", status: .methodNotAllowed)
        package static let bodyTooLarge = Code(name: "request_too_large", status: .contentTooLarge)
        package static let wrongMediaType = Code(
            name: "unsupported_media_type",
            status: .unsupportedMediaType
        )
        package static let invalidConfiguration = Code(
            name: "invalid_configuration",
            status: .unprocessableContent
        )
        package static let tooManyListeners = Code(
            name: "too_many_listeners",
            status: .serviceUnavailable
        )
        package static let notSupported = Code(name: "not_supported", status: .notImplemented)
        package static let modelFailed = Code(name: "model_failed", status: .badGateway)

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

extension RequestError {
    /// What a client is told of an answer of a model that cannot be read.
    static func unknownAnswer(_ what: String) -> RequestError {
        RequestError(.modelFailed, "The model's answer makes no sense: \(what).")
    }
}
