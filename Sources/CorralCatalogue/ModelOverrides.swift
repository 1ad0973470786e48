package import CorralCache
package import CorralPlanner

/// The settings that a person made for one model; those that are `nil` are left to the defaults.
package struct ModelOverrides: Hashable, Sendable {
    /// The role the model is for, whatever its header suggests.
    package var role: ModelRole?
    /// The tokens of context of one request.
    package var contextTokens: Int?
    /// How keys are stored.
    package var keyCacheType: CacheType?
    /// How values are stored.
    package var valueCacheType: CacheType?
    /// The requests answered at once.
    package var slots: Int?
    /// The threads that compute.
    package var threads: Int?
    /// The layers held by the GPU.
    package var gpuLayers: Int?
    /// How long the model may stay idle.
    package var keepAlive: KeepAlive?
    /// Whether the model is never evicted.
    package var isPinned: Bool?
    /// Further arguments for the engine, as they are.
    package var arguments: [String]?

    /// Sets nothing.
    package init() {}

    /// The settings of `other`, and those of this where `other` sets nothing.
    package func overridden(by other: ModelOverrides) -> ModelOverrides {
        var result = self
        result.role = other.role ?? role
        result.contextTokens = other.contextTokens ?? contextTokens
        result.keyCacheType = other.keyCacheType ?? keyCacheType
        result.valueCacheType = other.valueCacheType ?? valueCacheType
        result.slots = other.slots ?? slots
        result.threads = other.threads ?? threads
        result.gpuLayers = other.gpuLayers ?? gpuLayers
        result.keepAlive = other.keepAlive ?? keepAlive
        result.isPinned = other.isPinned ?? isPinned
        result.arguments = other.arguments ?? arguments
        return result
    }
}

extension LoadSettings {
    /// What a person set for a model, and the defaults for the rest.
    package init(_ overrides: ModelOverrides) {
        self.init(
            contextTokens: overrides.contextTokens,
            slots: overrides.slots,
            gpuLayers: overrides.gpuLayers,
            threads: overrides.threads
        )
        keyCacheType = overrides.keyCacheType ?? keyCacheType
        valueCacheType = overrides.valueCacheType ?? valueCacheType
    }
}
