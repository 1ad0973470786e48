import CorralCache
import CorralMemory
import CorralTesting

/// Times one lease and release of a resident model, among 1 to 1,000 residents,
/// beside the same by an actor that only counts, in turns.
@main enum LeaseBenchmark {
    static let batch = 1_000
    static let rounds = 300

    static func main() async throws {
        try await measure()
    }

    /// Off the main actor, so that neither side pays for a change of thread.
    @concurrent
    static func measure() async throws {
        print("residents  lease + release, ns (median)  counting actor, ns  ratio")
        for residents in [1, 10, 100, 1_000] {
            let (cache, models) = try await fill(residents)
            let actor = CountingActor(models)
            var ours: [Double] = []
            var theirs: [Double] = []
            for round in 0..<rounds {
                let model = models[round % models.count]
                ours.append(try await timed { _ = try await cache.lease(model) })
                theirs.append(
                    try await timed {
                        await actor.lease(model)
                        await actor.release(model)
                    }
                )
            }
            let (our, their) = (median(ours), median(theirs))
            print(
                pad("\(residents)", 9),
                pad("\(Int(our))", 29),
                pad("\(Int(their))", 19),
                pad("\((our / their * 100).rounded() / 100)", 6)
            )
            await cache.shutdown()
        }
    }

    static func fill(_ count: Int) async throws -> (ModelCache<FakeEngine>, [ModelID]) {
        let cache = try ModelCache(
            engine: FakeEngine(),
            host: ScriptedHost(limit: .gibibytes(1))
        )
        let models = (0..<count).map {
            ModelID(
                path: "/var/lib/corral/models/some-model-\($0)-instruct.Q4_K_M.gguf",
                role: .chat
            )
        }
        for model in models { try await cache.preload(model) }
        return (cache, models)
    }

    /// Nanoseconds for one `operation`, over a batch of them.
    static func timed(_ operation: () async throws -> Void) async throws -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<batch { try await operation() }
        return (clock.now - start) / .nanoseconds(1) / Double(batch)
    }

    static func median(_ values: [Double]) -> Double {
        values.sorted()[values.count / 2]
    }

    static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

/// The usual way to share a table between tasks: it counts leases and does no more.
actor CountingActor {
    private var leases: [String: Int]

    init(_ models: [ModelID]) {
        leases = Dictionary(uniqueKeysWithValues: models.map { ($0.path, 0) })
    }

    func lease(_ model: ModelID) {
        leases[model.path, default: 0] += 1
    }

    func release(_ model: ModelID) {
        leases[model.path, default: 0] -= 1
    }
}
