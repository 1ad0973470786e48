public import CorralCache
public import CorralMemory
import Synchronization

/// An engine around another that holds the cache to its laws while real models come and go.
///
/// What the cache does to it is compared with a ledger of its own: no model is loaded twice at
/// once, what is loaded and being loaded never needs more than the budget, nothing is unloaded while
/// it is used, and everything that was loaded is unloaded in the end.
public final class WatchedEngine<Base: ModelEngine>: ModelEngine {
    /// What the watched engine loads models with.
    public typealias Options = Base.Options
    /// What the watched engine plans.
    public typealias Plan = Base.Plan
    /// What the watched engine lends.
    public typealias Model = Base.Model

    private struct State {
        var ledger = Ledger<ModelID>()
        /// The models in memory, or on their way in or out.
        var present: Set<ModelID> = []
        var names: [ObjectIdentifier: ModelID] = [:]
        /// How many use a model now.
        var uses: [ModelID: Int] = [:]
        var violations: [String] = []
        var loads = 0
        var unloads = 0
        var cancellations = 0
    }

    private let base: Base
    private let budget: DomainBytes
    private let state = Mutex(State())

    /// Watches an engine.
    ///
    /// - Parameters:
    ///   - base: What loads and unloads.
    ///   - budget: What models may need together.
    public init(_ base: Base, budget: DomainBytes) {
        self.base = base
        self.budget = budget
    }

    /// The laws that the cache broke, one sentence each.
    public var violations: [String] { state.withLock(\.violations) }

    /// The models that are in memory, or on their way in or out.
    public var present: [ModelID] { state.withLock { $0.present.sorted() } }

    /// How many loads began, how many of them were called off, and how many unloads ended.
    public var counts: (loads: Int, cancellations: Int, unloads: Int) {
        state.withLock { ($0.loads, $0.cancellations, $0.unloads) }
    }

    /// Notes that somebody uses a model as long as `body` runs.
    ///
    /// - Throws: What `body` throws.
    public func using<Result>(
        _ model: ModelID,
        _ body: () async throws -> sending Result
    ) async throws -> sending Result {
        state.withLock { state in
            if !state.present.contains(model) {
                state.violations.append("\(model) was lent without being there")
            }
            state.uses[model, default: 0] += 1
        }
        defer { state.withLock { $0.uses[model, default: 1] -= 1 } }
        return try await body()
    }

    // MARK: What the cache asks

    /// The default options of the watched engine.
    public func defaultOptions(for model: ModelID) -> Options { base.defaultOptions(for: model) }

    /// The plan of the watched engine.
    ///
    /// - Throws: What the watched engine throws.
    public func plan(
        _ model: ModelID,
        options: Options,
        minimumContext: Int,
        limits: DomainBytes
    ) async throws -> Plan {
        try await base.plan(
            model,
            options: options,
            minimumContext: minimumContext,
            limits: limits
        )
    }

    /// Loads a model, and notes it before and after.
    ///
    /// - Throws: What the watched engine throws.
    public func load(
        _ model: ModelID,
        plan: Plan,
        events: EngineEvents
    ) async throws -> Model {
        state.withLock { state in
            state.loads += 1
            if !state.present.insert(model).inserted {
                state.violations.append("\(model) was loaded while it was there")
            }
            state.ledger.reserve(plan.footprint, for: model)
            let excess = state.ledger.reserved.excess(over: budget)
            if excess != .zero {
                state.violations.append("\(excess) too much once \(model) is loaded")
            }
        }
        do {
            let loaded = try await base.load(model, plan: plan, events: events)
            state.withLock { $0.names[ObjectIdentifier(loaded)] = model }
            return loaded
        } catch {
            state.withLock { state in
                state.ledger.release(model)
                state.present.remove(model)
                state.cancellations += 1
            }
            throw error
        }
    }

    /// Unloads a model, and notes it before and after.
    public func unload(_ model: Model) async {
        let name = state.withLock { state in
            let name = state.names.removeValue(forKey: ObjectIdentifier(model))
            guard let name else {
                state.violations.append("a model was unloaded that was never loaded, or twice")
                return name
            }
            if state.uses[name, default: 0] > 0 {
                state.violations.append("\(name) was unloaded while it was used")
            }
            return name
        }
        await base.unload(model)
        state.withLock { state in
            state.unloads += 1
            if let name {
                state.ledger.release(name)
                state.present.remove(name)
            }
        }
    }

    /// The measurement of the watched engine.
    public func measure(_ model: Model) async -> MeasuredMemory? { await base.measure(model) }

    /// The storage that the watched engine tells of.
    public func storage(of model: ModelID) async -> ModelStorage { await base.storage(of: model) }

    /// Has the watched engine read ahead.
    public func readAhead(_ model: ModelID, plan: Plan) async -> Bool {
        await base.readAhead(model, plan: plan)
    }

    /// The conversation that the watched engine tells of.
    public func conversation(of model: Model) -> ConversationState {
        base.conversation(of: model)
    }
}
