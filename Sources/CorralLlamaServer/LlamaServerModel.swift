public import CorralCache
import CorralHTTP
import CorralServing
import Synchronization

/// A model that a llama-server process of its own holds.
public final class LlamaServerModel: Sendable {
    /// Which model.
    public let id: ModelID

    /// What it was loaded with.
    public let plan: LlamaServerPlan

    let child: ChildProcess
    /// The path of the socket that its process listens on.
    let socket: String
    /// The engine's build, as corrections name it.
    let engineBuild: String?
    /// What its process was seen to hold.
    let observed = Mutex(ObservedMemory())
    let client: HTTPClient
    private let answered: @Sendable (LlamaServerModel) -> Void
    private let clock: Timeline

    /// How long a process whose connection broke is given to end, before it is taken to live.
    private static let reapLimit = Duration.seconds(2)

    init(
        _ plan: LlamaServerPlan,
        child: ChildProcess,
        client: HTTPClient,
        socket: String,
        clock: Timeline,
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
    }

    /// The process's number; `nil` once it has ended.
    public var processID: Int32? { child.pid }

    /// The last lines the process wrote, the oldest first.
    public var logLines: [String] { child.recentLines }

    /// Notes that an answer has been read to its end.
    func noteAnswer() { answered(self) }

    /// What a request that failed is reported as.
    ///
    /// - Returns: `CancellationError` where nobody waits any more, else a `ServedModelError`.
    func failure(_ error: any Error) async -> any Error {
        if error is CancellationError || Task.isCancelled { return CancellationError() }
        let diagnosis = await diagnosis(of: error)
        let isUndelivered = (error as? HTTPClientError)?.isBeforeDelivery ?? false
        return ServedModelError(
            isUndelivered ? .notDelivered : .ended,
            message: diagnosis.message
        )
    }

    /// What a broken connection means: the end of the process, where it has ended.
    func diagnosis(of error: any Error) async -> LlamaServerError {
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
}
