public import CorralCache
import CorralMemory

/// An independent, naive world that obeys a cache's actions and complains about
/// every one that a law forbids.
///
/// It draws a random history from a seed: requests, cancellations, releases,
/// loads that succeed, fail or measure too much, exits, pins, changes of the
/// host's memory, time; then lets everything end and checks that it does. Nothing
/// in it is shared with the machine but the events and actions.
///
/// The oracle is itself tested: with a ``OracleFault`` planted between it and the
/// machine it has to complain.
public struct CacheOracle {
    /// A law that was broken, and where.
    public struct Violation: Error, CustomStringConvertible {
        /// What happened, with the seed and step that show it again.
        public var description: String
    }

    /// What a history did, so that tests can tell that it did something.
    public struct Summary: Hashable, Sendable {
        /// Requests made.
        public var requests = 0
        /// Leases granted, at once or later.
        public var grants = 0
        /// Requests refused.
        public var refusals = 0
        /// Loads begun.
        public var loads = 0
        /// Unloads begun.
        public var unloads = 0
        /// Models that ended by themselves.
        public var exits = 0
        /// Requests taken back in time.
        public var cancellations = 0
        /// Hints given.
        public var hints = 0
        /// Loads begun for hints.
        public var prefetches = 0
        /// Loads for hints that gave way.
        public var prefetchesCancelled = 0
        /// Files read ahead.
        public var readAheads = 0
        /// Resident models that left to come back with more context.
        public var enlargements = 0
        /// Leased models that were to come back with more context and stayed after all.
        public var drainsCalledOff = 0

        /// A history in which nothing happened yet.
        public init() {}
    }

    package typealias Machine = CacheStateMachine<Int>

    /// A model as the oracle sees it.
    struct World {
        enum Stage { case loading, resident, unloading }

        struct Resident {
            var stage: Stage
            var residency: Machine.Residency
            /// The tokens of context it was loaded with, which its footprint depends on.
            var contextTokens: Int
            var measured: DomainBytes?
            /// Why it takes no new leases, where that is so.
            var draining: UnloadReason?
            /// The model ended before its load was heard to.
            var hasExited = false
            var cancelled = false
            /// It was loaded for a hint, and nobody has asked for it yet.
            var isPrefetch = false
            /// When its load began, and when it ended.
            var startedAt: CacheInstant
            var endedAt: CacheInstant?
            var lastUsed: CacheInstant
        }

        var models: [ModelID: Resident] = [:]
        var requested: [Int: ModelID] = [:]
        var waiting: [Int: ModelID] = [:]
        /// The tokens of context that each request needs.
        var needs: [Int: Int] = [:]
        var held: [Int: (model: ModelID, residency: Machine.Residency?)] = [:]
        var cancelledEarly: Set<Int> = []
        var settled: Set<Int> = []
        var alarms: [CacheInstant] = []
        var pins: Set<ModelID> = []
        /// Until when a model is expected to be asked for.
        var hinted: [ModelID: CacheInstant] = [:]
        /// Files that are read ahead, and whether they still should be.
        var reading: [ModelID: Bool] = [:]
        /// In which order requests are served.
        var ranks: [Int: CacheInstant] = [:]
        var isFinished = false
    }

    let seed: UInt64
    let budget: DomainBytes
    let models: [ModelID]
    /// What models hold with the least context.
    let footprints: [ModelID: Footprint]
    /// What each step of context adds to that.
    let growths: [ModelID: DomainBytes]
    let queueLimit: Int
    let agingBound = Duration.seconds(20)
    let batchHandicap = Duration.seconds(40)
    let fault: OracleFault?

    var random: SeededGenerator
    var machine: Machine
    var world = World()
    var now = CacheInstant.start
    var step = 0
    var summary = Summary()
    var faultsLeft = 1
    /// Unloads that a fault has reported before they ended.
    var returnedEarly: Set<Machine.Residency> = []

    /// Prepares a history.
    ///
    /// - Parameters:
    ///   - seed: What every random choice follows from.
    ///   - policy: The eviction policy under test.
    ///   - fault: What to do wrong, to test the oracle itself.
    public init(
        seed: UInt64,
        policy: any EvictionPolicy = LeastRecentlyUsed(),
        fault: OracleFault? = nil
    ) {
        var random = SeededGenerator(seed: seed)
        var budget = DomainBytes.host(ByteCount(Int64.random(in: 8...14, using: &random)))
        let hasDevice = Bool.random(using: &random)
        if hasDevice { budget[.gpu(0)] = ByteCount(6) }
        let models = (0..<8).map {
            ModelID(path: "/m\($0 / 2)", role: $0 % 2 == 0 ? .chat : .embed)
        }
        var footprints: [ModelID: Footprint] = [:]
        var growths: [ModelID: DomainBytes] = [:]
        for model in models {
            growths[model] = .host(ByteCount(Int64.random(in: 0...2, using: &random)))
            var footprint = Footprint.host(ByteCount(Int64.random(in: 1...5, using: &random)))
            if hasDevice, Bool.random(using: &random) {
                footprint.exclusive[.gpu(0)] = ByteCount(Int64.random(in: 1...5, using: &random))
            }
            footprints[model] = footprint
        }
        // The two roles of one file share its weights, in two files of four.
        for pair in stride(from: 0, to: 4, by: 2) {
            let part = SharedPart(
                name: models[pair].path,
                bytes: .host(ByteCount(Int64.random(in: 1...4, using: &random)))
            )
            footprints[models[pair]]?.shared = [part]
            footprints[models[pair + 1]]?.shared = [part]
        }
        var configuration = CacheConfiguration()
        configuration.policy = policy
        configuration.keepAlive = Bool.random(using: &random) ? .idle(.seconds(30)) : .untilEvicted
        configuration.queueLimit = 12
        configuration.maximumWait = .seconds(90)
        configuration.agingBound = agingBound
        configuration.batchHandicap = batchHandicap
        configuration.prefetching = .predicted
        configuration.givesMemoryBack = Bool.random(using: &random)
        self.seed = seed
        self.budget = budget
        self.models = models
        self.footprints = footprints
        self.growths = growths
        self.fault = fault
        queueLimit = configuration.queueLimit
        if fault == .evictsFresh { configuration.minimumResidency = 0 }
        if fault == .queuesWithoutLimit { configuration.queueLimit = 64 }
        if fault == .reservesBeyondBudget { budget += .host(ByteCount(4)) }
        machine = Machine(budget: budget, configuration: configuration)
        self.random = random
    }

    /// Runs the history.
    ///
    /// - Parameter steps: The number of random events before everything must end.
    /// - Returns: What it did.
    /// - Throws: ``Violation`` at the first law that is broken.
    public mutating func run(steps: Int = 500) throws -> Summary {
        for _ in 0..<steps { try takeRandomStep() }
        if seed % 2 == 0 { try settle() }
        try shutDown()
        return summary
    }

    /// The least context that anything is loaded with, and what is added in one step.
    static var contextStep: Int { 4 }

    /// What `model` holds with so many tokens of context.
    func footprint(of model: ModelID, contextTokens: Int) -> Footprint {
        var footprint = footprints[model] ?? .host(.zero)
        let steps = max(0, contextTokens / Self.contextStep - 1)
        for _ in 0..<steps { footprint.exclusive += growths[model] ?? .zero }
        return footprint
    }

    func complain(_ what: String) -> Violation {
        Violation(description: "seed \(seed), step \(step), at \(now.sinceStart): \(what)")
    }
}
