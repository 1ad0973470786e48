/// Why a server gave no answer, or not the whole of one.
package struct HTTPClientError: Error, Hashable, Sendable {
    /// The kinds of failure.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code as programs read it, in snake case.
        package let description: String

        private init(_ name: String) { description = name }

        /// Lets `catch HTTPClientError.Code.unreachable` name what is caught.
        package static func ~= (code: Code, error: any Error) -> Bool {
            (error as? HTTPClientError)?.code == code
        }

        /// The text is no URL of an HTTP server.
        package static let badURL = Code("bad_url")
        /// The URL asks for encryption, and this program was built without it.
        package static let noTLS = Code("no_tls")
        /// Nobody accepts connections there.
        package static let unreachable = Code("unreachable")
        /// The connection was not accepted in time.
        package static let connectTimeout = Code("connect_timeout")
        /// The connection ended before the whole request had been handed to the system.
        package static let notDelivered = Code("not_delivered")
        /// The connection ended before the head of the answer was there.
        package static let noAnswer = Code("no_answer")
        /// The connection ended in the middle of the body.
        package static let cutShort = Code("cut_short")
        /// What came is not HTTP.
        package static let malformed = Code("malformed")
        /// The head of the answer is longer than is accepted.
        package static let headTooLarge = Code("head_too_large")
        /// The body is longer than whoever collects it accepts.
        package static let bodyTooLarge = Code("body_too_large")
        /// The exchange took longer than it may.
        package static let deadlineExceeded = Code("deadline_exceeded")
    }

    /// What went wrong.
    package var code: Code

    /// One sentence: what was wrong, what was expected.
    package var message: String

    /// Describes a failure.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the server cannot have begun to work on the request, so that sending it once more
    /// repeats nothing.
    package var isBeforeDelivery: Bool {
        switch code {
        case .badURL, .noTLS, .unreachable, .connectTimeout, .notDelivered: true
        default: false
        }
    }
}

extension HTTPClientError: CustomStringConvertible {
    /// The message.
    package var description: String { message }
}
