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

    /// What would happen if a model were asked for now; changes nothing.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - options: What to load it with; the engine's default when `nil`.
    ///   - minimumContext: The tokens of context the request needs.
    /// - Returns: What it needs, what is free, who would have to go and how long it would take;
    ///   or why it can never be had.
    /// - Throws: ``ModelCacheError/unusableModel``.
    public func whatIf(
        load model: ModelID,
        options: Engine.Options? = nil,
        minimumContext: Int = 0
    ) async throws(ModelCacheError) -> LoadForecast {
        try await driver.forecast(
            model,
            options ?? driver.engine.defaultOptions(for: model),
            minimumContext
        )
    }

    /// What was decided lately, oldest first.
    ///
    /// - Parameter model: Only what concerns this model: its own requests, and each decision in
    ///   which it was evicted or might have been. All when `nil`.
    /// - Returns: At most ``CacheConfiguration/decisionLimit`` decisions.
    public func decisions(about model: ModelID? = nil) -> [DecisionRecord] {
        driver.core.read { machine, _ in machine.decisions(about: model) }
    }

    /// What was learned so far and should survive a restart; see
    /// ``CacheConfiguration/learned``.
    public var learned: LearnedState {
        driver.core.read { machine, now in machine.learned(now: now) }
    }
}
