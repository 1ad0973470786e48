public import CorralMemory
public import Logging

/// Keeps models resident within a memory budget and lends them out.
///
/// A model is loaded when it is first asked for and stays until its memory is
/// needed. While it is lent it is never evicted. Ask through
/// ``withModel(_:options:minimumContext:keepAlive:maximumWait:priority:_:)``; hold a lease
/// only while you use the model, because nobody else's model can take its place.
///
/// ```swift
/// let cache = try ModelCache(engine: engine, host: host)
/// let vectors = try await cache.withModel(ModelID(path: path, role: .embed)) { model in
///     try await model.embed(texts)
/// }
/// ```
///
/// All decisions are made by a value, `CacheStateMachine`. `CacheCore` takes the lock, tells it
/// what happened, drops the lock and does what it says; what takes time is left to `CacheDriver`.
/// A lease on a resident model costs under a microsecond and never suspends.
public final class ModelCache<Engine: ModelEngine>: Sendable {
    let core: CacheCore
    let driver: CacheDriver<Engine>
    private let runner: Task<Void, Never>

    /// Creates a cache.
    ///
    /// - Parameters:
    ///   - engine: What loads and unloads models.
    ///   - host: Tells how much memory the machine has.
    ///   - memory: How much of it the models may hold together.
    ///   - configuration: Everything else that can be set.
    ///   - clock: What time is read from and slept on.
    ///   - logger: Where loads, unloads and failures are reported that no caller
    ///     is there to be told of.
    /// - Throws: When the machine's memory cannot be read.
    public init(
        engine: Engine,
        host: any HostMemoryReader,
        memory: MemoryBudget = .standard,
        configuration: CacheConfiguration = CacheConfiguration(),
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger? = nil
    ) throws {
        let first = try host.read()
        core = CacheCore(
            budget: memory.resolved(for: first),
            configuration: configuration,
            timeline: Timeline(clock)
        )
        let driver = CacheDriver(
            engine: engine,
            host: host,
            first: first,
            core: core,
            logger: logger
        )
        self.driver = driver
        // The one unstructured task: it carries out loads and unloads that outlive
        // whoever asked for them, and ends when the last model is unloaded.
        runner = Task(name: "corral.cache") { await driver.run() }
    }

    deinit {
        // Leases keep the core alive; what is idle goes now, the rest as it falls idle.
        core.perform { machine, now in machine.shutdownRequested(now: now) }
    }

    /// Lends a model to `body`, loading it first if need be.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - options: What to load it with if it is not resident; the engine's
    ///     default when `nil`.
    ///   - minimumContext: The tokens of context the request needs; a resident
    ///     model with less is loaded again, one with more is used as it is.
    ///   - keepAlive: How long the model may then stay idle; unchanged when `nil`.
    ///   - maximumWait: How long to wait for it at most.
    ///   - priority: How urgent it is, where requests have to wait.
    ///   - body: Uses the model; it must not keep it.
    /// - Returns: What `body` returns.
    /// - Throws: ``ModelCacheError`` when the model cannot be had, and whatever
    ///   `body` throws.
    public func withModel<Result>(
        _ model: ModelID,
        options: Engine.Options? = nil,
        minimumContext: Int = 0,
        keepAlive: KeepAlive? = nil,
        maximumWait: Duration? = nil,
        priority: RequestPriority = .interactive,
        _ body: (Engine.Model) async throws -> sending Result
    ) async throws -> sending Result {
        let lease = try await lease(
            model,
            options: options,
            minimumContext: minimumContext,
            keepAlive: keepAlive,
            maximumWait: maximumWait,
            priority: priority
        )
        return try await body(lease.model)
    }

    /// Leases a model until the lease is dropped: for answers that outlive a scope.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - options: What to load it with if it is not resident.
    ///   - minimumContext: The tokens of context the request needs.
    ///   - keepAlive: How long the model may then stay idle; unchanged when `nil`.
    ///   - maximumWait: How long to wait for it at most.
    ///   - priority: How urgent it is, where requests have to wait.
    /// - Returns: The lease, which holds the model.
    /// - Throws: ``ModelCacheError``; see its codes.
    /// - Complexity: O(1), without suspending, when the model is resident.
    public func lease(
        _ model: ModelID,
        options: Engine.Options? = nil,
        minimumContext: Int = 0,
        keepAlive: KeepAlive? = nil,
        maximumWait: Duration? = nil,
        priority: RequestPriority = .interactive
    ) async throws(ModelCacheError) -> Lease<Engine> {
        let terms = LeaseTerms(
            minimumContext: minimumContext,
            keepAlive: keepAlive,
            maximumWait: maximumWait,
            priority: priority
        )
        if let (id, loaded) = core.residentLease(model, terms) {
            return Lease(model: driver.typed(loaded), id: id, core: core)
        }
        return try await driver.lease(
            model,
            options ?? driver.engine.defaultOptions(for: model),
            terms
        )
    }

    /// Ends the cache, and returns when every model is gone.
    ///
    /// Who waits is refused; leases may finish for `grace`, then their models are
    /// unloaded under them.
    public func shutdown(grace: Duration = .zero) async {
        await driver.shutdown(grace: grace)
        await runner.value
    }
}
