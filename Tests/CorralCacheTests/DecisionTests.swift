import CorralCache
import CorralMemory
import Testing

@Suite struct DecisionTests {
    @Test func `an eviction is remembered with all who might have gone`() throws {
        var cache = MachineHarness(budget: 10) { $0.policy = ValueDensity() }
        cache.makeResident(.chat, bytes: 5, loadSeconds: 2)
        cache.makeResident(.embed, bytes: 5, loadSeconds: 60)
        cache.advance(by: 100)
        _ = cache.request(.rerank, bytes: 4)
        let record = try #require(cache.machine.decisions(about: .chat).last)
        #expect(record.kind == .evicted)
        #expect(record.model == .rerank)
        #expect(record.needed == .host(ByteCount(4)))
        #expect(record.free == .zero)
        #expect(record.candidates.map(\.model) == [.chat, .embed])
        #expect(record.candidates.map(\.fate) == [.evicted, .kept])
        let seconds = record.candidates.map(\.score.reloadSeconds)
        #expect(abs(seconds[0] - 2) < 0.01 && abs(seconds[1] - 60) < 0.01)
        #expect(record.candidates[0].score.value < record.candidates[1].score.value)
        #expect(record.candidates.allSatisfy { ($0.score.secondsToNextUse ?? 0) > 0 })
    }

    @Test func `a request that has to wait is remembered once, with what was kept and why`() throws
    {
        var cache = MachineHarness(budget: 12) { $0.agingBound = .seconds(1000) }
        let lease = cache.request(.chat, bytes: 8).lease
        cache.finishLoad(.chat)
        cache.makeResident(.embed, bytes: 2)
        cache.obey(cache.machine.pinChanged(.embed, to: true, now: cache.now))
        _ = cache.request(.rerank, bytes: 8)
        cache.advance(by: 30)
        let kept = cache.machine.decisions(about: .rerank)
        #expect(kept.count == 1)
        #expect(kept.first?.kind == .kept)
        #expect(kept.first?.candidates.map(\.fate) == [.leased, .pinned])
        cache.release(lease)
    }

    @Test func `a refusal is remembered, and its repetition is not`() {
        var cache = MachineHarness(budget: 10)
        for _ in 0..<5 { _ = cache.request(.chat, bytes: 11) }
        let records = cache.machine.decisions(about: .chat)
        #expect(records.count == 1)
        guard case .refused(let error)? = records.first?.kind else {
            Issue.record("not a refusal")
            return
        }
        #expect(error.code == .tooLarge)
    }

    @Test func `an idle model that leaves is remembered`() {
        var cache = MachineHarness(budget: 10, keepAlive: .idle(.seconds(5)))
        cache.makeResident(.chat)
        cache.advance(by: 6)
        #expect(cache.machine.decisions(about: .chat).map(\.kind) == [.expired])
        #expect(cache.machine.decisions(about: .embed).isEmpty)
    }

    @Test func `only the last decisions are kept`() {
        var cache = MachineHarness(budget: 1) { $0.decisionLimit = 3 }
        let models = (0..<6).map { ModelID(path: "/\($0)", role: .chat) }
        for (index, model) in models.enumerated() {
            let lease = cache.request(model).lease
            if index > 0 { cache.finishUnload(models[index - 1]) }
            cache.finishLoad(model)
            cache.release(lease)
        }
        #expect(cache.machine.decisions(about: nil).map(\.number) == [3, 4, 5])
        #expect(cache.machine.statistics(now: cache.now).decisions == 5)
    }

    // MARK: What if

    @Test func `asking what if changes nothing`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 6)
        let before = cache.machine.statistics(now: cache.now)
        let forecast = cache.forecast(.embed, bytes: 6)
        #expect(forecast.outcome == .evicts)
        #expect(forecast.victims.map(\.model) == [.chat])
        #expect(forecast.needed == .host(ByteCount(6)))
        #expect(forecast.free == .host(ByteCount(4)))
        #expect(cache.machine.statistics(now: cache.now) == before)
        #expect(cache.unloading.isEmpty)
    }

    @Test func `what if tells residents, free memory, waits and what can never be`() {
        var cache = MachineHarness(budget: 10) { $0.agingBound = .seconds(1000) }
        cache.makeResident(.chat, bytes: 6)
        #expect(cache.forecast(.chat, bytes: 6).outcome == .resident)
        #expect(cache.forecast(.embed, bytes: 4).outcome == .fits)
        #expect(cache.forecast(.embed, bytes: 4).wait == .milliseconds(800))
        guard case .refused(let error) = cache.forecast(.embed, bytes: 11).outcome else {
            Issue.record("it does not fit")
            return
        }
        #expect(error.code == .tooLarge)
        _ = cache.request(.chat)
        #expect(cache.forecast(.embed, bytes: 6).outcome == .waits)
        _ = cache.request(.embed, bytes: 6)
        #expect(cache.forecast(.rerank, bytes: 4).outcome == .waits, "others wait already")
        #expect(cache.forecast(.rerank, bytes: 4).wait == .milliseconds(1600))
    }

    @Test func `what if expects a load to take as long as the model's loads so far`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 6, loadSeconds: 8)
        cache.advance(by: 100)
        _ = cache.request(.embed, bytes: 6)
        cache.finishUnload(.chat)
        cache.finishLoad(.embed)
        #expect(cache.forecast(.chat, bytes: 4).loadTime == .seconds(8))
    }

    @Test func `more context than a resident offers means to load it again`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 6)
        let forecast = cache.forecast(.chat, bytes: 6, minimumContext: 8192)
        #expect(forecast.outcome == .evicts)
        #expect(forecast.victims.map(\.model) == [.chat])
    }

    // MARK: Ranks

    @Test(arguments: EvictionPolicies.names)
    func `the model that ranks first is the one that goes`(name: String) throws {
        let policy = try EvictionPolicies.named(name)
        var cache = MachineHarness(budget: 15) { $0.policy = policy }
        cache.makeResident(.chat, bytes: 5, loadSeconds: 9)
        cache.advance(by: 10)
        cache.makeResident(.embed, bytes: 5, loadSeconds: 2)
        cache.advance(by: 10)
        cache.makeResident(.chatAsEmbed, bytes: 5, loadSeconds: 5)
        cache.advance(by: 50)
        let models = cache.machine.statistics(now: cache.now).models
        let first = models.first { $0.evictionRank == 1 }
        #expect(models.compactMap(\.evictionRank).sorted() == [1, 2, 3])
        _ = cache.request(.rerank, bytes: 5)
        #expect(Array(cache.unloading.keys) == [first?.id].compactMap(\.self))
        #expect(first?.id == (name == "lru" ? .chat : .embed))
    }
}
