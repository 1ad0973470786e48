import CorralCache
import CorralMemory
import CorralSimulator
import CorralTesting

/// Times one decision among 1 to 100 residents, and the replay of 26,000 requests, for each
/// policy in turns.
@main enum PolicyBenchmark {
    static let gigabyte = ByteCount(1_000_000_000)

    static func main() throws {
        print("decision  residents  policy  microseconds (median)  victims")
        for residents in [10, 30, 100] {
            for name in EvictionPolicies.names { try decide(among: residents, by: name) }
        }
        print("replay  requests  policy  seconds (best of three)  load seconds")
        let workload = makeWorkload()
        let simulator = try Simulator(workload, cost: "load_s", budget: gigabyte * 96)
        for name in EvictionPolicies.names {
            let policy = try SimulatedPolicy(named: name)
            var best = Duration.seconds(3600)
            var loadSeconds = 0.0
            for _ in 0..<3 {
                best = min(
                    best,
                    ContinuousClock().measure {
                        loadSeconds = simulator.run(policy, mode: .untimed).loadSeconds
                    }
                )
            }
            print("replay", workload.requests.count, name, best / .seconds(1), Int(loadSeconds))
        }
    }

    /// Residents of 5 GB each that were used at different rates, and 30 GB that are wanted.
    static func decide(among residents: Int, by name: String) throws {
        var policy = try EvictionPolicies.named(name)
        let limit = DomainBytes.host(gigabyte * Int64(5 * residents))
        policy.budgetSet(to: limit)
        var ledger = Ledger<ModelID>()
        var candidates: [EvictionCandidate] = []
        for number in 0..<residents {
            let model = ModelID(path: "/models/\(number).gguf", role: .chat)
            ledger.reserve(.host(gigabyte * 5), for: model)
            var last = CacheInstant.start
            for time in stride(from: number, to: 4000, by: 50 + number) {
                last = CacheInstant(sinceStart: .seconds(time))
                policy.modelRequested(model, priority: .interactive, at: last)
            }
            let load = LoadObservation(bytes: gigabyte * 5, seconds: Double(1 + number % 9))
            policy.modelLoaded(model, load, at: last)
            candidates.append(
                EvictionCandidate(model: model, lastUsed: last, residentSince: .start)
            )
        }
        let need = EvictionNeed(
            candidates: candidates.sorted { $0.model < $1.model },
            incoming: .host(gigabyte * 30),
            ledger: ledger,
            limit: limit
        )
        let now = CacheInstant(sinceStart: .seconds(4100))
        let clock = ContinuousClock()
        var times: [Duration] = []
        var victims = 0
        for _ in 0..<500 {
            let start = clock.now
            victims = policy.victims(for: need, at: now).count
            times.append(clock.now - start)
        }
        let median = times.sorted()[times.count / 2]
        print("decision", residents, name, median / .microseconds(1), victims)
    }

    /// Users who each work with a few of sixty models for a while.
    static func makeWorkload() -> Workload {
        var random = SeededGenerator(seed: 26)
        let models = (0..<60).map { number in
            let bytes = gigabyte * Int64.random(in: 1...30, using: &random)
            return Workload.Model(
                id: ModelID(path: "/\(number)", role: .chat),
                name: "model \(number)",
                bytes: bytes,
                loadSeconds: ["load_s": 0.8 + Double(bytes.rawValue) / 2.5e9]
            )
        }
        var requests: [Workload.Request] = []
        var favourites = Array(0..<4)
        var time = 0.0
        while requests.count < 26_000 {
            time += Double.random(in: 0...60, using: &random)
            if Int.random(in: 0..<40, using: &random) == 0 {
                favourites = (0..<4).map { _ in
                    min(
                        Int.random(in: 0..<60, using: &random),
                        Int.random(in: 0..<60, using: &random)
                    )
                }
                time += 1800
            }
            let model = favourites.randomElement(using: &random) ?? 0
            requests.append(Workload.Request(time: time, model: model, service: 2))
        }
        return Workload(models: models, requests: requests)
    }
}
