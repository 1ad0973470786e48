public import CorralCache
public import CorralPlanner

/// What a person set for one model; what is `nil` is left to the defaults.
public struct ModelOverrides: Hashable, Sendable {
    /// What the model is for, whatever its header suggests.
    public var role: ModelRole?
    /// The tokens of context of one request.
    public var contextTokens: Int?
    /// How keys are stored.
    public var keyCacheType: CacheType?
    /// How values are stored.
    public var valueCacheType: CacheType?
    /// The requests answered at once.
    public var slots: Int?
    /// The threads that compute.
    public var threads: Int?
    /// The layers held by the GPU.
    public var gpuLayers: Int?
    /// How long the model may stay idle.
    public var keepAlive: KeepAlive?
    /// Whether the model is never evicted.
    public var isPinned: Bool?
    /// Further arguments for the engine, as they are.
    public var arguments: [String]?

    /// Sets nothing.
    public init() {}

    /// What `other` sets, and else what this sets.
    public func overridden(by other: ModelOverrides) -> ModelOverrides {
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
