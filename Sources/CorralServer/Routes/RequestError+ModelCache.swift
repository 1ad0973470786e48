import CorralCache
import CorralDialects
import CorralObservability
import HTTPTypes

extension RequestError {
    /// The error that a client is told when the cache refuses its request.
    ///
    /// - Parameters:
    ///   - error: The error of the cache.
    ///   - redaction: Takes this machine's paths out of the message.
    init(_ error: ModelCacheError, redaction: PathRedaction) {
        self.init(
            Code(name: error.code.description, status: Self.status(of: error.code)),
            redaction.redact(error.message)
        )
        if let wait = error.retryAfter {
            retryAfter = Self.wholeSeconds(wait)
        } else if Self.isWorthRetrying.contains(error.code) {
            retryAfter = 1
        }
    }

    /// The HTTP status for each code of the cache.
    private static func status(of code: ModelCacheError.Code) -> HTTPResponse.Status {
        switch code {
        // Nobody is left to read it: the client went away (nginx's 499).
        case .cancelled: HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")
        case .tooLarge, .unusableModel: .unprocessableContent
        case .queueFull: .tooManyRequests
        case .insufficientMemory, .waitTimedOut, .overloaded, .shuttingDown: .serviceUnavailable
        case .loadFailed, .modelExited: .badGateway
        default: .internalServerError
        }
    }

    private static let isWorthRetrying: Set<ModelCacheError.Code> = [
        .queueFull, .insufficientMemory, .waitTimedOut, .overloaded, .shuttingDown, .modelExited,
    ]

    /// Seconds as `Retry-After` has them: whole, at least one.
    private static func wholeSeconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return max(1, Int(clamping: seconds) + (attoseconds > 0 ? 1 : 0))
    }
}
