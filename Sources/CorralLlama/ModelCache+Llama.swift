public import CorralCache
import CorralHost
public import CorralMemory
public import Logging

extension ModelCache where Engine == LlamaEngine {
    /// Creates a cache of models in this process, within this machine's memory.
    ///
    /// - Parameters:
    ///   - engine: What loads and unloads models.
    ///   - memory: How much of the machine's memory the models may hold together.
    ///   - configuration: Everything else that can be set.
    ///   - logger: Where loads, unloads and failures are reported.
    /// - Throws: When the machine's memory cannot be read.
    public convenience init(
        engine: LlamaEngine,
        memory: MemoryBudget = .standard,
        configuration: CacheConfiguration = CacheConfiguration(),
        logger: Logger? = nil
    ) throws {
        try self.init(
            engine: engine,
            host: SystemMemory(.live()),
            memory: memory,
            configuration: configuration,
            logger: logger
        )
    }

    /// Lends a model to `body`, loading it first if need be.
    ///
    /// - Parameters:
    ///   - path: The path of the GGUF file, of its first part where it is split.
    ///   - role: What the model is asked to do.
    ///   - options: What to load it with if it is not resident; the engine's choice when `nil`.
    ///   - minimumContext: The tokens of context the request needs.
    ///   - keepAlive: How long the model may then stay idle; unchanged when `nil`.
    ///   - maximumWait: How long to wait for it at most.
    ///   - priority: How urgent it is, where requests have to wait.
    ///   - body: Uses the model; it must not keep it.
    /// - Returns: What `body` returns.
    /// - Throws: `ModelCacheError` when the model cannot be had, and whatever `body` throws.
    public func withModel<Result>(
        _ path: String,
        as role: ModelRole,
        options: LlamaOptions? = nil,
        minimumContext: Int = 0,
        keepAlive: KeepAlive? = nil,
        maximumWait: Duration? = nil,
        priority: RequestPriority = .interactive,
        _ body: (LlamaModel) async throws -> sending Result
    ) async throws -> sending Result {
        try await withModel(
            ModelID(path: LlamaEngine.absolute(path), role: role),
            options: options,
            minimumContext: minimumContext,
            keepAlive: keepAlive,
            maximumWait: maximumWait,
            priority: priority,
            body
        )
    }
}
