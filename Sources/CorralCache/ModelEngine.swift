public import CorralMemory

/// How models are brought into memory and taken out of it.
///
/// The cache decides when; an engine knows how. Nothing here says llama.cpp: an
/// engine may start a process per model, or map weights into this one.
public protocol ModelEngine: Sendable {
    /// What a model is loaded with: context size, KV cache type, threads …
    associatedtype Options: Hashable & Sendable

    /// A prediction of what a load will take, kept to carry the load out with.
    associatedtype Plan: LoadPlan

    /// A loaded model. Its calls throw once it has been unloaded or has died;
    /// they never touch freed memory.
    associatedtype Model: AnyObject & Sendable

    /// The options of a model for which nobody chose any.
    func defaultOptions(for model: ModelID) -> Options

    /// Predicts what loading `model` would take; loads nothing.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - options: What to load it with; settings left automatic, such as the
    ///     context size, are settled in the plan.
    ///   - minimumContext: The tokens of context the plan must offer, or zero.
    ///   - limits: The most memory the model could ever be given, per domain.
    /// - Returns: A plan whose footprint is an upper bound. It may exceed
    ///   `limits`: the cache then refuses, and says by how much.
    /// - Throws: When the file cannot be read or the options make no sense.
    func plan(
        _ model: ModelID,
        options: Options,
        minimumContext: Int,
        limits: DomainBytes
    ) async throws -> Plan

    /// Loads a model as planned. Cancelling the task abandons the load.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - plan: What ``plan(_:options:minimumContext:limits:)`` returned.
    ///   - events: Where to report progress, and the model's own end.
    /// - Returns: The model, ready to be used.
    /// - Throws: When it cannot be loaded; every byte it took is free again.
    func load(_ model: ModelID, plan: Plan, events: EngineEvents) async throws -> Model

    /// Unloads a model; returns when every byte it held is free again.
    func unload(_ model: Model) async

    /// Measures what a loaded model holds now; `nil` where it cannot be told.
    func measure(_ model: Model) async -> MeasuredMemory?

    /// Tells where a model's file is and how much of it is in the page cache; asked before each
    /// load. Knows nothing unless implemented.
    func storage(of model: ModelID) async -> ModelStorage

    /// Reads a model's file into the page cache, so that a load may be quicker, and returns when
    /// it is there or the task is cancelled. Does nothing unless implemented.
    ///
    /// - Returns: Whether anything was read.
    func readAhead(_ model: ModelID, plan: Plan) async -> Bool

    /// Tells what an unload of a model would lose beside its weights. Asked before each decision
    /// about evictions, so it must be quick. Nothing unless implemented.
    func conversation(of model: Model) -> ConversationState
}

extension ModelEngine {
    /// Knows nothing.
    public func storage(of model: ModelID) async -> ModelStorage { ModelStorage() }

    /// Does nothing.
    public func readAhead(_ model: ModelID, plan: Plan) async -> Bool { false }

    /// Nothing would be lost.
    public func conversation(of model: Model) -> ConversationState { ConversationState() }
}

/// What the cache needs to know of a plan.
public protocol LoadPlan: Sendable {
    /// An upper bound on the memory the model will hold.
    var footprint: Footprint { get }

    /// The tokens of context one request can use.
    var contextTokens: Int { get }

    /// What would make a model that is too large fit: sentences such as
    /// "a context of 8192 tokens would fit". Asked only when it is refused.
    func remedies(within limits: DomainBytes) -> [String]
}

extension LoadPlan {
    /// Offers nothing.
    public func remedies(within limits: DomainBytes) -> [String] { [] }
}

/// What a model was found to hold.
public struct MeasuredMemory: Hashable, Sendable {
    /// Memory of its own: gone when it is unloaded.
    public var exclusive: DomainBytes

    /// Pages of its files that are mapped and resident; reclaimable.
    public var fileBacked: ByteCount

    /// Creates a measurement.
    public init(exclusive: DomainBytes, fileBacked: ByteCount = .zero) {
        self.exclusive = exclusive
        self.fileBacked = fileBacked
    }
}

/// Where an engine reports what happens to a model outside any call.
public struct EngineEvents: Sendable {
    /// Reports the fraction of a load that is done, from 0 to 1.
    public var progress: @Sendable (Double) -> Void

    /// Reports, in one sentence on why, that a model ended without being asked to.
    ///
    /// To be called once its memory is free; it may come before `load` returns.
    public var exited: @Sendable (String) -> Void

    /// Creates a pair of reports.
    public init(
        progress: @escaping @Sendable (Double) -> Void,
        exited: @escaping @Sendable (String) -> Void
    ) {
        self.progress = progress
        self.exited = exited
    }
}
