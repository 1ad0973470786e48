public import CorralMemory

extension ModelCache {
    /// What the cache holds and has done, now.
    public var statistics: CacheStatistics {
        core.read { machine, now in machine.statistics(now: now) }
    }

    /// What happens from now on; each call listens on its own.
    ///
    /// A listener that falls behind by more than `bufferLimit` events loses the
    /// oldest; the cache never waits for a listener.
    public func events(bufferLimit: Int = 4096) -> AsyncStream<CacheEvent> {
        core.listeners.add(bufferLimit: bufferLimit)
    }

    /// Loads a model and lets it stay, as if it had been used.
    ///
    /// - Throws: ``ModelCacheError`` as ``lease(_:options:minimumContext:keepAlive:maximumWait:priority:)``.
    public func preload(
        _ model: ModelID,
        options: Engine.Options? = nil,
        keepAlive: KeepAlive? = nil
    ) async throws(ModelCacheError) {
        _ = try await lease(model, options: options, keepAlive: keepAlive)
    }

    /// Protects a model from eviction and idle unloading, resident or not yet.
    public func pin(_ model: ModelID) {
        core.perform { machine, now in machine.pinChanged(model, to: true, now: now) }
    }

    /// Ends a model's protection from eviction and idle unloading.
    public func unpin(_ model: ModelID) {
        core.perform { machine, now in machine.pinChanged(model, to: false, now: now) }
    }

    /// Unloads one model: now if it is idle, else when its last lease ends.
    ///
    /// - Returns: Whether it was in memory.
    @discardableResult
    public func unload(_ model: ModelID) -> Bool {
        !unload { $0 == model }.isEmpty
    }

    /// Unloads a file in all its roles.
    ///
    /// - Returns: The models that leave.
    @discardableResult
    public func unload(path: String) -> [ModelID] {
        unload { $0.path == path }
    }

    /// Unloads every model, pinned ones too.
    ///
    /// - Returns: The models that leave.
    @discardableResult
    public func unloadAll() -> [ModelID] {
        unload { _ in true }
    }

    /// Evicts unpinned models that have been idle for at least `duration`.
    ///
    /// - Returns: The models that leave.
    @discardableResult
    public func evictIdle(atLeast duration: Duration = .zero) -> [ModelID] {
        core.evict(.idle(atLeast: duration))
    }

    private func unload(where isChosen: @escaping (ModelID) -> Bool) -> [ModelID] {
        core.evict(.matching(isChosen))
    }

    /// Predicts what loading a model would take, with the whole budget to itself.
    ///
    /// - Throws: ``ModelCacheError/unusableModel``.
    public func plan(
        _ model: ModelID,
        options: Engine.Options? = nil,
        minimumContext: Int = 0
    ) async throws(ModelCacheError) -> Engine.Plan {
        try await driver.plan(
            model,
            options ?? driver.engine.defaultOptions(for: model),
            minimumContext
        )
    }

    /// What the host could spare in each domain when its memory was last read, times `share`.
    public func availableMemory(share: Double = 1) -> DomainBytes {
        let available = driver.host.memory.available
        return available.domains.reduce(into: .zero) { result, domain in
            result[domain] = available[domain].scaled(by: share)
        }
    }

    // MARK: Settings

    /// Changes how much memory the models may hold together.
    ///
    /// Where they hold more by then, those worth least leave: idle ones now, leased ones when
    /// their last lease ends.
    ///
    /// - Parameter memory: A share of the machine's memory, or a size.
    public func setBudget(_ memory: MemoryBudget) {
        let budget = memory.resolved(for: driver.host.memory)
        core.perform { machine, now in machine.budgetChanged(to: budget, now: now) }
    }

    /// Changes how long models stay idle for which nobody chose another time.
    ///
    /// - Parameter keepAlive: The time; it counts for models in memory too.
    public func setDefaultKeepAlive(_ keepAlive: KeepAlive) {
        core.perform { machine, now in
            machine.defaultKeepAliveChanged(to: keepAlive, now: now)
        }
    }
}
