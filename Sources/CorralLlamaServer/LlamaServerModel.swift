import AsyncHTTPClient
public import CorralCache
public import HTTPTypes
public import NIOCore
import NIOHTTP1
import Synchronization

/// A model that a llama-server process of its own holds.
public final class LlamaServerModel: Sendable {
    /// Which model.
    public let id: ModelID

    /// What it was loaded with.
    public let plan: LlamaServerPlan

    let child: ChildProcess
    let socket: String
    /// The engine's build, as corrections name it.
    let engineBuild: String?
    /// What its process was seen to hold.
    let observed = Mutex(ObservedMemory())
    private let answered: @Sendable (LlamaServerModel) -> Void
    private let client: HTTPClient
    private let base: String

    /// How long a process whose connection broke is given to end, before it is taken to live.
    private static let reapLimit = Duration.seconds(2)

    private let clock: EngineClock

    init(
        _ plan: LlamaServerPlan,
        child: ChildProcess,
        client: HTTPClient,
        socket: String,
        clock: EngineClock,
        engineBuild: String? = nil,
        answered: @escaping @Sendable (LlamaServerModel) -> Void = { _ in }
    ) {
        id = plan.model
        self.plan = plan
        self.child = child
        self.client = client
        self.clock = clock
        self.socket = socket
        self.engineBuild = engineBuild
        self.answered = answered
        base = Self.base(socket)
    }

    /// The process's number; `nil` once it has ended.
    public var processID: Int32? { child.pid }

    /// The last lines the process wrote, the oldest first.
    public var logLines: [String] { child.recentLines }

    /// Sends one request to the process; returns as soon as the head of the answer is there.
    ///
    /// The body comes chunk by chunk, as it is read. Cancelling the task that waits or reads, or
    /// dropping the body unread, closes the connection, at which llama-server stops working. There
    /// is no limit on time.
    ///
    /// - Parameters:
    ///   - request: Method, path with query, and headers; those that concern a connection and
    ///     credentials are not passed on.
    ///   - body: The whole body.
    /// - Returns: The head of the answer, and its body.
    /// - Throws: ``LlamaServerError`` when the process has ended, ends, or was unloaded;
    ///   `CancellationError` when the task is cancelled.
    public func send(
        _ request: HTTPRequest,
        body: ByteBuffer = ByteBuffer()
    ) async throws -> (head: HTTPResponse, body: LlamaServerBody) {
        var outgoing = HTTPClientRequest(url: base + (request.path ?? "/"))
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        outgoing.headers = ForwardedHeaders.outgoing(request.headerFields)
        // One connection for each request. llama-server promises to keep a connection and then
        // closes it without a word after a stream (b11434), after 5 s, and after 100 requests; a
        // request that meets such an end fails, and cannot be told from one that was begun.
        outgoing.headers.add(name: "connection", value: "close")
        if body.readableBytes > 0 { outgoing.body = .bytes(body) }
        do {
            let answer = try await client.execute(outgoing, deadline: .distantFuture)
            let head = HTTPResponse(
                status: .init(code: Int(answer.status.code)),
                headerFields: ForwardedHeaders.incoming(answer.headers)
            )
            return (head, LlamaServerBody(answer.body, model: self))
        } catch {
            throw await failure(error)
        }
    }

    /// Notes that an answer has been read to its end.
    func noteAnswer() { answered(self) }

    /// What a broken connection means: the end of the process, where it has ended.
    func failure(_ error: any Error) async -> any Error {
        if error is CancellationError || Task.isCancelled
            || error as? HTTPClientError == .cancelled
        {
            return CancellationError()
        }
        let end = await child.end(within: Self.reapLimit, clock: clock)
        if child.isAsked {
            return LlamaServerError(.unloaded, "The model was unloaded; ask for it again.")
        }
        if let end {
            let lines = child.recentLines
            let cause = FailureDiagnosis(lines: lines, end: end).cause.map { ": \($0)" } ?? ""
            return LlamaServerError(
                .exited,
                "The model's llama-server \(end)\(cause); ask again to have it loaded.",
                logLines: lines
            )
        }
        return LlamaServerError(
            .connectionFailed,
            "The model's llama-server did not answer (\(error)); try again, or unload the model."
        )
    }

    /// The base of URLs for a socket: its path, percent-encoded, in place of a host.
    static func base(_ socket: String) -> String {
        var text = "http+unix://"
        for byte in socket.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }
}
