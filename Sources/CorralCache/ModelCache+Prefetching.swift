extension ModelCache {
    /// Says which models will probably be asked for soon, the next one first.
    ///
    /// Each is loaded if there is memory nobody uses; another is evicted for it only where what
    /// is gained outweighs what is lost. A request that needs the memory or the disk calls it
    /// off. Where the engine can, files are read into the page cache first.
    ///
    /// - Parameters:
    ///   - models: The models, in the order in which they will be wanted.
    ///   - horizon: How long the hint is good for.
    /// - Returns: What was begun for each at once, in the same order.
    @discardableResult
    public func hint(
        _ models: [ModelID],
        within horizon: Duration = .seconds(120)
    ) async -> [HintOutcome] {
        var outcomes: [HintOutcome] = []
        for model in models { outcomes.append(await driver.hint(model, within: horizon)) }
        return outcomes
    }

    /// What was learned so far and should survive a restart; see
    /// ``CacheConfiguration/learned``.
    public var learned: LearnedState {
        core.read { machine, now in machine.learned(now: now) }
    }
}
