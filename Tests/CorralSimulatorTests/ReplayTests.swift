import CorralMemory
import CorralSimulator
import Testing

@Suite struct ReplayTests {
    private func run(
        _ workload: Workload,
        _ policy: String,
        gigabytes: Int64,
        _ mode: Simulator.Mode = .untimed
    ) throws -> SimulationResult {
        let budget = ByteCount(gigabytes * 1_000_000_000)
        let simulator = try Simulator(workload, cost: "s", budget: budget)
        return simulator.run(try SimulatedPolicy(named: policy), mode: mode)
    }

    @Test func `an untimed replay counts hits, loads, evictions and seconds`() throws {
        let workload = smallWorkload([(0, 0), (1, 1), (2, 0), (3, 2), (4, 0)])
        let result = try run(workload, "lru", gigabytes: 4)
        // The third model needs both others gone but one; the least recent is the second.
        #expect(result.requests == 5)
        #expect(result.hits == 2)
        #expect(result.loads == 3)
        #expect(result.evictions == 1)
        #expect(result.loadSeconds == 6)
        #expect(result.hitRatio == 0.4)
        #expect(result.changes.map(\.kind) == [.loaded, .loaded, .evicted, .loaded])
        #expect(result.changes.map { $0.resident / 1_000_000_000 } == [1, 3, 1, 4])
    }

    @Test func `an idle limit unloads what was idle for longer, and not for as long`() throws {
        let workload = smallWorkload([(0, 0), (300, 0), (600.5, 0)])
        let result = try run(workload, "lru-ttl300", gigabytes: 4)
        #expect(result.loads == 2)
        #expect(result.expirations == 1)
        #expect(result.evictions == 0)
    }

    @Test func `who knows the future keeps what comes next`() throws {
        let requests = [(0.0, 1), (1.0, 0), (2.0, 2), (3.0, 1), (4.0, 2)]
        let workload = smallWorkload(requests.map { (time: $0.0, model: $0.1) })
        let offline = try run(workload, "offline", gigabytes: 5)
        let lru = try run(workload, "lru", gigabytes: 5)
        #expect(offline.loadSeconds == 6)
        #expect(lru.loadSeconds == 8)
    }

    @Test func `loads from one disk wait for each other and from two disks do not`() throws {
        var workload = smallWorkload([(0, 1), (0, 2)], service: 1)
        let together = try run(workload, "lru", gigabytes: 6, .timed(patience: nil))
        #expect(together.waits.sorted() == [2, 5])
        workload.models[2].store = "other"
        let apart = try run(workload, "lru", gigabytes: 6, .timed(patience: nil))
        #expect(apart.waits.sorted() == [2, 3])
        #expect(apart.loadSeconds == 5)
    }

    @Test func `a model in use is not evicted, so who comes next waits for its lease`() throws {
        let workload = smallWorkload([(0, 2), (1, 1)], service: 10)
        let result = try run(workload, "value", gigabytes: 4, .timed(patience: nil))
        // Loaded at 3, in use until 13, then two seconds of loading: 15 - 1.
        #expect(result.waits == [3, 14])
        #expect(result.evictions == 1)
    }

    @Test func `who waits longer than the patience is refused`() throws {
        let workload = smallWorkload([(0, 2), (1, 1)], service: 100)
        let result = try run(workload, "lru", gigabytes: 4, .timed(patience: 10))
        #expect(result.refusals == 1)
        #expect(result.waits == [3])
        #expect(result.loads == 1)
    }

    @Test func `what usually follows is there before it is asked for, where that is wanted`() throws
    {
        // The second comes half a minute after the first, and the third takes the room of both.
        var requests: [(time: Double, model: Int)] = []
        for round in 0..<40 {
            let start = 300 * Double(round)
            requests += [(start, 2), (start + 100, 0), (start + 130, 1)]
        }
        let workload = smallWorkload(requests)
        let plain = try run(workload, "value", gigabytes: 4, .timed(patience: nil))
        let predicted = try run(
            workload,
            "value",
            gigabytes: 4,
            .timed(patience: nil, predicts: true)
        )
        #expect(predicted.hits > plain.hits + 20)
        #expect(predicted.waitSeconds < plain.waitSeconds * 0.8)
        #expect(predicted.waits.count == workload.requests.count)
    }

    @Test func `a timed replay without contention loads as often as an untimed one`() throws {
        let requests = (0..<200).map { number in
            let model: Int = (number * number + number / 4) % 3
            return (time: Double(number) * 100, model: model)
        }
        let workload = smallWorkload(requests, service: 1)
        for policy in ["lru", "value", "offline", "lru-ttl150"] {
            let untimed = try run(workload, policy, gigabytes: 4)
            let timed = try run(workload, policy, gigabytes: 4, .timed(patience: nil))
            #expect(timed.requests == 200 && timed.waits.count == 200, "\(policy)")
            #expect(untimed.loads > 3, "\(policy)")
            #expect(abs(timed.loads - untimed.loads) * 20 <= untimed.loads, "\(policy)")
        }
    }

    @Test func `a model larger than the budget is an error, unless nobody asks for it`() throws {
        #expect(throws: SimulationError.self) {
            try run(smallWorkload([(0, 2)]), "lru", gigabytes: 2)
        }
        #expect(try run(smallWorkload([(0, 1)]), "lru", gigabytes: 2).loads == 1)
    }

    @Test(arguments: ["fifo", "lru-ttl", "lru-ttlx", "value-ttl-5", ""])
    func `a name that means nothing is an error that tells the names`(name: String) {
        #expect {
            try SimulatedPolicy(named: name)
        } throws: { error in
            guard case SimulationError.Code.unknownPolicy = error else { return false }
            return "\(error)".contains("value, lru, offline")
        }
    }

    @Test func `waits are told by quantile`() {
        var result = SimulationResult(policy: "p")
        result.waits = [5, 1, 3, 2, 4]
        #expect(result.wait(quantile: 0.5) == 3)
        #expect(result.wait(quantile: 0.99) == 5)
        #expect(result.waitSeconds == 15)
        #expect(SimulationResult(policy: "p").wait(quantile: 0.5) == 0)
    }
}
