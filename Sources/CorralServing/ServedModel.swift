public import HTTPTypes
public import NIOCore

/// A loaded model that answers requests of the APIs it knows.
///
/// The server asks nothing else of an engine's models: it hands over what the
/// client sent and hands back what comes, chunk by chunk.
public protocol ServedModel: AnyObject, Sendable {
    /// Answers a request; returns when the head of the answer is known.
    ///
    /// Cancelling the task that calls this, or the one that reads the body,
    /// abandons the work; so does dropping the body unread.
    ///
    /// - Parameter request: What the client sent.
    /// - Returns: The answer, whose body is read at the client's pace.
    /// - Throws: When the model cannot be asked or ended before it answered.
    func respond(to request: UpstreamRequest) async throws -> UpstreamResponse
}

/// A request as it is handed to a model.
public struct UpstreamRequest: Sendable {
    /// The method.
    public var method: HTTPRequest.Method

    /// The path, with the query where there is one.
    public var path: String

    /// The headers that concern the model: no credentials, no `Host`, none that
    /// concern the client's connection.
    public var headers: HTTPFields

    /// The whole body.
    public var body: ByteBuffer

    /// Creates a request.
    public init(
        method: HTTPRequest.Method,
        path: String,
        headers: HTTPFields = HTTPFields(),
        body: ByteBuffer = ByteBuffer()
    ) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
    }
}

/// An answer as a model gives it.
public struct UpstreamResponse: Sendable {
    /// The chunks of a body in the order and sizes they come.
    public typealias Body = any AsyncSequence<ByteBuffer, any Error> & Sendable

    /// The status.
    public var status: HTTPResponse.Status

    /// The headers; those of a single connection are dropped by the server.
    public var headers: HTTPFields

    /// The body.
    ///
    /// It throws when the model ends before the body does.
    public var body: Body

    /// Creates an answer.
    public init(status: HTTPResponse.Status, headers: HTTPFields = HTTPFields(), body: Body) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Why a model did not answer.
public struct ServedModelError: Error, Hashable, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code as programs read it, in snake case.
        public let description: String

        private init(_ description: String) { self.description = description }

        /// Matches an error of this kind in a `catch` clause.
        public static func ~= (code: Code, error: any Error) -> Bool {
            (error as? ServedModelError)?.code == code
        }

        /// The model had ended before it took the request, so that asking once
        /// more, of the model loaded again, repeats no work.
        public static let notDelivered = Code("not_delivered")
        /// The model took the request and ended before it had answered.
        public static let ended = Code("ended")
    }

    /// The kind of failure.
    public var code: Code

    /// One sentence on what happened.
    public var message: String

    /// Creates an error.
    public init(_ code: Code, message: String) {
        self.code = code
        self.message = message
    }
}

extension ServedModelError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}

/// A body that is there already, as one chunk.
package struct OneChunk: AsyncSequence, Sendable {
    private let chunk: ByteBuffer

    /// Creates a body of `chunk`.
    package init(_ chunk: ByteBuffer) { self.chunk = chunk }

    package func makeAsyncIterator() -> Iterator { Iterator(chunk: chunk) }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate var chunk: ByteBuffer?

        package mutating func next() async throws -> ByteBuffer? { chunk.take() }
    }
}
