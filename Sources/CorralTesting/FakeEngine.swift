public import CorralCache
public import CorralMemory
import Synchronization

/// An engine that loads nothing and does what the test says, at once unless held.
public final class FakeEngine: ModelEngine {
    /// What a fake model is loaded with.
    public struct Options: Hashable, Sendable {
        /// The tokens of context it offers.
        public var contextTokens: Int

        /// Creates options.
        public init(contextTokens: Int = Options.defaultContextTokens) {
            self.contextTokens = contextTokens
        }

        /// The context for which a fake's footprint is given.
        public static let defaultContextTokens = 4096
    }

    /// A plan with the footprint that the test gave.
    public struct Plan: LoadPlan {
        /// What the model will hold.
        public var footprint: Footprint
        /// The tokens of context one request can use.
        public var contextTokens: Int
    }

    /// A failure that the test asked for.
    public struct Failure: Error, CustomStringConvertible {
        /// The sentence it was told to fail with.
        public var description: String
    }

    /// What happened to the engine, in order.
    public enum Call: Hashable, Sendable {
        /// A load began.
        case load(ModelID)
        /// A load was abandoned.
        case cancel(ModelID)
        /// An unload began.
        case unload(ModelID)
        /// A file began to be read ahead.
        case readAhead(ModelID)
    }

    private struct State {
        var calls: [Call] = []
        var callWatchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var failures: [ModelID: String] = [:]
        var measurements: [ModelID: MeasuredMemory] = [:]
        var storages: [ModelID: ModelStorage] = [:]
        var conversations: [ModelID: ConversationState] = [:]
        var isHoldingLoads = false
        var isHoldingUnloads = false
        var held: [AsyncStream<Never>.Continuation] = []
        var models: [ModelID: FakeModel] = [:]
    }

    private let state = Mutex(State())
    private let footprint: @Sendable (ModelID) -> Footprint

    /// Creates an engine.
    ///
    /// - Parameter footprint: What each model holds with 4096 tokens of context, one byte of host
    ///   memory when not given; with more context, that part grows in proportion which it does not
    ///   share.
    public init(
        footprint: @escaping @Sendable (ModelID) -> Footprint = { _ in .host(ByteCount(1)) }
    ) {
        self.footprint = footprint
    }

    // MARK: What the test says

    /// Makes the next load of `model` fail with `message`.
    public func failNextLoad(of model: ModelID, with message: String) {
        state.withLock { $0.failures[model] = message }
    }

    /// Makes `model` measure as this from now on.
    public func setMeasurement(_ measured: MeasuredMemory, of model: ModelID) {
        state.withLock { $0.measurements[model] = measured }
    }

    /// Makes `model` be found there from now on.
    public func setStorage(_ storage: ModelStorage, of model: ModelID) {
        state.withLock { $0.storages[model] = storage }
    }

    /// Makes `model` hold this conversation from now on.
    public func setConversation(_ conversation: ConversationState, of model: ModelID) {
        state.withLock { $0.conversations[model] = conversation }
    }

    /// Lets loads begin but not end, until ``letGo()``.
    public func holdLoads() {
        state.withLock { $0.isHoldingLoads = true }
    }

    /// Lets unloads begin but not end, until ``letGo()``.
    public func holdUnloads() {
        state.withLock { $0.isHoldingUnloads = true }
    }

    /// Ends every load and unload that is held, and holds no more.
    public func letGo() {
        let held = state.withLock { state in
            state.isHoldingLoads = false
            state.isHoldingUnloads = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.finish() }
    }

    /// Ends a loaded model as a crash would.
    public func crash(_ model: ModelID, message: String = "killed by signal 9") {
        let loaded = state.withLock { $0.models.removeValue(forKey: model) }
        loaded?.end()
        loaded?.events.exited(message)
    }

    // MARK: What happened

    /// The calls so far.
    public var calls: [Call] { state.withLock { $0.calls } }

    /// Suspends until at least `count` calls were made.
    public func calls(atLeast count: Int) async {
        await withCheckedContinuation { continuation in
            let isSatisfied = state.withLock { state in
                if state.calls.count >= count { return true }
                state.callWatchers.append((count, continuation))
                return false
            }
            if isSatisfied { continuation.resume() }
        }
    }

    private func note(_ call: Call) {
        let watching = state.withLock { state in
            state.calls.append(call)
            let count = state.calls.count
            let satisfied = state.callWatchers.filter { $0.count <= count }
            state.callWatchers.removeAll { $0.count <= count }
            return satisfied
        }
        for watcher in watching { watcher.continuation.resume() }
    }

    // MARK: ModelEngine

    /// The default context.
    public func defaultOptions(for model: ModelID) -> Options { Options() }

    /// Plans the footprint that the test gave, and more in proportion for more context.
    public func plan(
        _ model: ModelID,
        options: Options,
        minimumContext: Int,
        limits: DomainBytes
    ) async throws -> Plan {
        let contextTokens = max(options.contextTokens, minimumContext)
        var footprint = footprint(model)
        for domain in footprint.exclusive.domains {
            let growth = Double(contextTokens) / Double(Options.defaultContextTokens)
            footprint.exclusive[domain] = footprint.exclusive[domain].scaled(by: max(1, growth))
        }
        return Plan(footprint: footprint, contextTokens: contextTokens)
    }

    /// "Loads" a model.
    ///
    /// - Throws: ``Failure`` when told to; `CancellationError` when abandoned.
    public func load(_ model: ModelID, plan: Plan, events: EngineEvents) async throws -> FakeModel {
        note(.load(model))
        events.progress(0.5)
        await waitIfHeld(\.isHoldingLoads)
        if Task.isCancelled {
            note(.cancel(model))
            throw CancellationError()
        }
        if let message = state.withLock({ $0.failures.removeValue(forKey: model) }) {
            throw Failure(description: message)
        }
        let loaded = FakeModel(id: model, events: events)
        state.withLock { $0.models[model] = loaded }
        return loaded
    }

    /// "Unloads" a model.
    public func unload(_ model: FakeModel) async {
        note(.unload(model.id))
        await waitIfHeld(\.isHoldingUnloads)
        model.end()
        state.withLock { state in
            if state.models[model.id] === model { state.models[model.id] = nil }
        }
    }

    /// The measurement that the test set; `nil` where it set none.
    public func measure(_ model: FakeModel) async -> MeasuredMemory? {
        state.withLock { $0.measurements[model.id] }
    }

    /// The storage that the test set; an unknown one where it set none.
    public func storage(of model: ModelID) async -> ModelStorage {
        state.withLock { $0.storages[model] ?? ModelStorage() }
    }

    /// Notes the call and says that a file was read.
    public func readAhead(_ model: ModelID, plan: Plan) async -> Bool {
        note(.readAhead(model))
        return true
    }

    /// The conversation that the test set; an empty one where it set none.
    public func conversation(of model: FakeModel) -> ConversationState {
        state.withLock { $0.conversations[model.id] ?? ConversationState() }
    }

    private func waitIfHeld(_ isHolding: KeyPath<State, Bool>) async {
        let gate = state.withLock { state -> AsyncStream<Never>? in
            guard state[keyPath: isHolding] else { return nil }
            let (stream, continuation) = AsyncStream<Never>.makeStream()
            state.held.append(continuation)
            return stream
        }
        // Ends when let go, or when the task is cancelled.
        if let gate { for await _ in gate {} }
    }
}

/// A model that does nothing, and knows whether it was unloaded or crashed.
public final class FakeModel: Sendable {
    /// Which model it is.
    public let id: ModelID
    let events: EngineEvents
    private let ended = Atomic<Bool>(false)

    init(id: ModelID, events: EngineEvents) {
        self.id = id
        self.events = events
    }

    /// Whether it was unloaded or crashed.
    public var hasEnded: Bool { ended.load(ordering: .acquiring) }

    func end() {
        ended.store(true, ordering: .releasing)
    }
}
