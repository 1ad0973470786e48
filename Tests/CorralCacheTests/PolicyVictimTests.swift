import CorralCache
import CorralMemory
import Testing

/// A cache in miniature: what is resident, since when, and what it holds.
struct PolicyScene {
    var policy: any EvictionPolicy = ValueDensity()
    var ledger = Ledger<ModelID>()
    var candidates: [EvictionCandidate] = []
    var limit = DomainBytes.host(ByteCount(100))

    init() { policy.budgetSet(to: limit) }

    static func model(_ name: String) -> ModelID { ModelID(path: name, role: .chat) }

    static func instant(_ seconds: Double) -> CacheInstant {
        CacheInstant(sinceStart: .seconds(seconds))
    }

    /// Makes a model resident that is used at `times` and takes `seconds` to load.
    mutating func add(
        _ name: String,
        bytes: Int64,
        seconds: Double = 1,
        usedAt times: [Double] = [0],
        leases: Int = 0,
        conversation: Double = 0,
        priority: RequestPriority = .interactive
    ) {
        add(name, .host(ByteCount(bytes)), seconds, times, leases, conversation, priority)
    }

    mutating func add(
        _ name: String,
        _ footprint: Footprint,
        _ seconds: Double = 1,
        _ times: [Double] = [0],
        _ leases: Int = 0,
        _ conversation: Double = 0,
        _ priority: RequestPriority = .interactive
    ) {
        let model = Self.model(name)
        for time in times {
            policy.modelRequested(model, priority: priority, at: Self.instant(time))
        }
        let load = LoadObservation(bytes: footprint.total.total, seconds: seconds)
        policy.modelLoaded(model, load, at: Self.instant(times.last ?? 0))
        ledger.reserve(footprint, for: model)
        candidates.append(
            EvictionCandidate(
                model: model,
                lastUsed: Self.instant(times.last ?? 0),
                residentSince: Self.instant(times.first ?? 0),
                leases: leases,
                conversationSeconds: conversation
            )
        )
    }

    func victims(for incoming: Footprint, at time: Double = 1000) -> [EvictionVictim] {
        let need = EvictionNeed(
            candidates: candidates.sorted { $0.model < $1.model },
            incoming: incoming,
            ledger: ledger,
            limit: limit
        )
        return policy.victims(for: need, at: Self.instant(time))
    }

    func names(for bytes: Int64, at time: Double = 1000) -> [String] {
        victims(for: .host(ByteCount(bytes)), at: time).map(\.model.path)
    }
}

@Suite struct PolicyVictimTests {
    @Test func `of two models used alike the one that loads sooner is evicted`() {
        var scene = PolicyScene()
        scene.add("slow", bytes: 50, seconds: 60)
        scene.add("fast", bytes: 50, seconds: 2)
        #expect(scene.names(for: 50) == ["fast"])
    }

    @Test func `a model used every minute outlives one that was used once and last`() {
        var scene = PolicyScene()
        scene.add("daily", bytes: 50, usedAt: Array(stride(from: 0.0, through: 6000, by: 60)))
        scene.add("once", bytes: 50, usedAt: [6010])
        #expect(scene.names(for: 50, at: 6100) == ["once"])
        scene.policy = LeastRecentlyUsed()
        #expect(scene.names(for: 50, at: 6100) == ["daily"])
    }

    @Test func `a model that batches use goes before one that somebody waits for`() {
        var scene = PolicyScene()
        let times = Array(stride(from: 0.0, through: 6000, by: 60))
        scene.add("interactive", bytes: 50, seconds: 1, usedAt: times)
        scene.add("batch", bytes: 50, seconds: 3, usedAt: times, priority: .batch)
        #expect(scene.names(for: 50, at: 6100) == ["batch"])
        // Where it takes ten times as long to bring back, it stays for all that.
        scene.add("slow batch", bytes: 50, seconds: 10, usedAt: times, priority: .batch)
        scene.limit = .host(ByteCount(150))
        #expect(scene.names(for: 100, at: 6100).sorted() == ["batch", "interactive"])
    }

    @Test func `a model that fits the gap exactly goes instead of one twice its size`() {
        var scene = PolicyScene()
        scene.add("large", bytes: 60, seconds: 10)
        scene.add("fitting", bytes: 40, seconds: 7)
        #expect(scene.names(for: 40) == ["fitting"])
    }

    @Test func `a victim that turns out not to be needed is given back`() {
        var scene = PolicyScene()
        scene.add("cheap", bytes: 10, seconds: 1)
        scene.add("large", bytes: 90, seconds: 10)
        // The cheap one comes first by density, but the large one is needed anyway.
        #expect(scene.names(for: 90) == ["large"])
    }

    @Test func `no model is named when all fit`() {
        var scene = PolicyScene()
        scene.add("only", bytes: 50)
        #expect(scene.names(for: 50).isEmpty)
    }

    @Test func `a leased model goes only when idle ones are not enough`() {
        var scene = PolicyScene()
        scene.add("idle", bytes: 50, seconds: 100)
        scene.add("leased", bytes: 50, seconds: 1, leases: 1)
        #expect(scene.names(for: 50) == ["idle"])
        #expect(scene.names(for: 60).sorted() == ["idle", "leased"])
    }

    @Test func `a conversation that would be computed again keeps its model`() {
        var scene = PolicyScene()
        scene.add("talking", bytes: 50, seconds: 2, conversation: 40)
        scene.add("silent", bytes: 50, seconds: 3)
        #expect(scene.names(for: 50) == ["silent"])
    }

    @Test(arguments: EvictionPolicies.names)
    func `two holders of one part go together when neither helps alone`(name: String) throws {
        var scene = PolicyScene()
        scene.policy = try EvictionPolicies.named(name)
        let part = SharedPart(name: "weights", bytes: .host(ByteCount(100)))
        for role in ["chat", "embed"] {
            scene.add(role, Footprint(exclusive: .zero, shared: [part]))
        }
        #expect(scene.names(for: 80).sorted() == ["chat", "embed"])
    }

    @Test(arguments: EvictionPolicies.names)
    func `what only frees another domain is left alone`(name: String) throws {
        var scene = PolicyScene()
        scene.policy = try EvictionPolicies.named(name)
        scene.limit[.gpu(0)] = ByteCount(10)
        scene.add("device", Footprint(exclusive: DomainBytes(.gpu(0), ByteCount(10))))
        scene.add("host", bytes: 100, usedAt: [5])
        #expect(scene.names(for: 50) == ["host"])
    }

    @Test func `victims in two domains free both`() {
        var scene = PolicyScene()
        scene.limit[.gpu(0)] = ByteCount(10)
        var both = DomainBytes.host(ByteCount(50))
        both[.gpu(0)] = ByteCount(5)
        for name in ["a", "b"] { scene.add(name, Footprint(exclusive: both)) }
        var incoming = DomainBytes.host(ByteCount(10))
        incoming[.gpu(0)] = ByteCount(6)
        #expect(scene.victims(for: Footprint(exclusive: incoming)).count == 2)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `a random set of victims frees enough and none of it is idle talk`(seed: UInt64) {
        var state = seed &* 0x9E37_79B9 &+ 1
        func draw(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var scene = PolicyScene()
        scene.limit = .host(ByteCount(1000))
        var total: Int64 = 0
        while total < 900 {
            let bytes = min(Int64(draw(200) + 1), 1000 - total)
            scene.add("m\(total)", bytes: bytes, seconds: Double(draw(90) + 1))
            total += bytes
        }
        let need = Int64(draw(900) + 1)
        let victims = scene.names(for: need)
        let freed = victims.reduce(Int64(0)) { sum, name in
            sum + (scene.ledger.footprint(of: PolicyScene.model(name))?.total.total.rawValue ?? 0)
        }
        #expect(total - freed + need <= 1000, "seed \(seed)")
        #expect(total + need > 1000 || victims.isEmpty, "seed \(seed)")
        #expect(Set(victims).count == victims.count, "seed \(seed)")
    }

    @Test func `the reason tells seconds, next use and size`() throws {
        var scene = PolicyScene()
        scene.add("one", bytes: 100, seconds: 4.25)
        let victim = try #require(scene.victims(for: .host(ByteCount(1))).first)
        let reason = "\(victim.reason)"
        #expect(
            reason.hasPrefix("least worth keeping: 4.3 s to reload, next use expected in about ")
        )
        #expect(reason.hasSuffix(", holds 100 B"))
    }

    @Test func `an unknown name is answered with the names there are`() {
        #expect {
            try EvictionPolicies.named("fifo")
        } throws: { error in
            guard case EvictionPolicyError.unknownName = error else { return false }
            return "\(error)" == "There is no eviction policy “fifo”; use one of value, lru."
        }
        for name in EvictionPolicies.names {
            #expect((try? EvictionPolicies.named(name))?.name == name)
        }
    }
}
