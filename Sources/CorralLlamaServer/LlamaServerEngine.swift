public import CorralCache
import CorralHTTP
public import CorralMemory
public import CorralPlanner
public import Logging

/// Loads each model into a llama-server process of its own.
///
/// The processes listen on unix sockets in a folder nobody else can enter. They end with this
/// process, however it ends.
///
/// ```swift
/// let engine = try LlamaServerEngine(configuration, memory: read, logger: logger)
/// let cache = try ModelCache(engine: engine, host: host)
/// // … and in the end, after the cache:
/// await cache.shutdown()
/// await engine.shutdown()
/// ```
public final class LlamaServerEngine: Sendable {
    let configuration: LlamaServerConfiguration
    let chosenOptions: @Sendable (ModelID) -> LlamaServerOptions
    let memory: @Sendable (Int32) -> ProcessMemory?
    let files: ModelFileAccess
    let logger: Logger
    let clock: Timeline
    let program: ServerProgram
    let folder: SocketFolder
    let client = HTTPClient()
    let corrections: CorrectionBook
    let observer: MemoryObserver
    private let roster: ChildRoster
    private let runner: Task<Void, Never>

    /// Creates an engine; no process is started before the first load.
    ///
    /// - Parameters:
    ///   - configuration: The program and the machine.
    ///   - options: What each model is loaded with, where a request does not say.
    ///   - memory: Reads the memory of a process; `nil` where it cannot be read.
    ///   - files: Tells where models' files are, and reads them ahead.
    ///   - corrections: What processes were found to hold: plans are made with it, and what is
    ///     measured is added to it.
    ///   - clock: What limits are measured by.
    ///   - logger: Where the processes' logs go, at debug and trace level, and what concerns the
    ///     engine itself.
    /// - Throws: ``LlamaServerError`` where no private folder for sockets can be made.
    public init(
        _ configuration: LlamaServerConfiguration,
        options: @escaping @Sendable (ModelID) -> LlamaServerOptions = { _ in LlamaServerOptions()
        },
        memory: @escaping @Sendable (Int32) -> ProcessMemory?,
        files: ModelFileAccess = .none,
        corrections: CorrectionBook = CorrectionBook(),
        clock: some Clock<Duration> = ContinuousClock(),
        logger: Logger
    ) throws(LlamaServerError) {
        self.configuration = configuration
        chosenOptions = options
        self.memory = memory
        self.files = files
        self.corrections = corrections
        self.logger = logger
        self.clock = Timeline(clock)
        program = ServerProgram(
            path: configuration.program,
            environment: configuration.childEnvironment
        )
        let folder = try SocketFolder(parent: configuration.runtimeFolder, logger: logger)
        self.folder = folder
        let observer = MemoryObserver(corrections, client: client, memory: memory)
        self.observer = observer
        SystemProcess.ignoreBrokenPipes()
        let roster = ChildRoster()
        self.roster = roster
        // The one unstructured task: processes outlive the loads that start them. It ends when
        // the last process has, after `shutdown` or when the engine is let go.
        runner = Task {
            await withDiscardingTaskGroup { group in
                group.addTask { await observer.run() }
                await roster.run(under: ProcessGuard(folder: folder.path, logger: logger))
                observer.finish()
            }
            folder.remove()
        }
    }

    deinit { roster.close() }

    /// Ends the engine, after the cache: ends what processes there still are, removes the sockets.
    public func shutdown() async {
        roster.close()
        await roster.stopAll(limit: configuration.stopLimit, clock: clock)
        await runner.value
    }

    /// Has the runner run a process.
    func start(_ child: ChildProcess) throws(LlamaServerError) {
        guard roster.add(child) else {
            throw LlamaServerError(.shutDown, "Corral is shutting down; start it again.")
        }
    }
}
