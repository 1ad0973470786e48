extension ModelCache {
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
        core.read { machine, _ in machine.decisions(about: model) }
    }
}
