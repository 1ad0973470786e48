import CorralCache
import CorralMemory
import Testing

@Suite struct HintRulesTests {
    @Test func `a hinted model is loaded into memory that nobody uses`() {
        var cache = MachineHarness(budget: 10)
        #expect(cache.hint(.chat, bytes: 6).result == .loading)
        cache.finishLoad(.chat)
        #expect(cache.request(.chat).admission == .granted)
        let record = cache.machine.statistics(now: cache.now).totals
        #expect(record.prefetches == 1)
        #expect(record.prefetchesUsed == 1)
        #expect(cache.hint(.chat).result == .resident)
    }

    @Test func `a request calls off a load for a hint that is in its way`() {
        var cache = MachineHarness(budget: 10)
        _ = cache.hint(.chat, bytes: 6)
        let lease = cache.request(.embed, bytes: 6).lease
        #expect(cache.cancelled == [.chat])
        #expect(cache.loading[.embed] == nil, "the memory is not free yet")
        cache.failLoad(.chat)
        cache.finishLoad(.embed)
        #expect(cache.isGranted(lease))
    }

    @Test func `a load for a hint that is almost done and in nobody's way goes on`() {
        var cache = MachineHarness(budget: 10)
        _ = cache.hint(.chat, bytes: 5)
        if let residency = cache.loading[.chat] {
            cache.machine.loadProgressed(.chat, residency, to: 0.8)
        }
        _ = cache.request(.embed, bytes: 5)
        #expect(cache.cancelled.isEmpty)
        #expect(cache.state(of: .embed) == .loading)
    }

    @Test func `a hint that was called off is taken up again`() {
        var cache = MachineHarness(budget: 10)
        _ = cache.hint(.chat, bytes: 5)
        let lease = cache.request(.embed, bytes: 5).lease
        cache.failLoad(.chat)
        #expect(cache.loading[.chat] == nil, "the disk is in use")
        cache.finishLoad(.embed)
        #expect(cache.isGranted(lease))
        #expect(cache.state(of: .chat) == .loading)
    }

    @Test func `a request for what is being loaded for a hint makes it a load like any other`() {
        var cache = MachineHarness(budget: 10)
        _ = cache.hint(.chat, bytes: 5)
        let lease = cache.request(.chat, bytes: 5).lease
        _ = cache.request(.embed, bytes: 5)
        #expect(cache.cancelled.isEmpty)
        cache.finishLoad(.chat)
        #expect(cache.isGranted(lease))
    }

    @Test func `nothing is loaded for a hint while somebody waits`() {
        var cache = MachineHarness(budget: 10) { $0.agingBound = .seconds(1000) }
        let lease = cache.request(.chat, bytes: 8).lease
        cache.finishLoad(.chat)
        _ = cache.request(.embed, bytes: 8)
        #expect(cache.hint(.rerank, bytes: 2).result == .pending)
        #expect(cache.loading.isEmpty)
        cache.release(lease)
    }

    /// A cache that is full of a model that takes so long to load and was idle for so long.
    private static func full(loadSeconds: Int, idle: Int) -> MachineHarness {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.rerank, bytes: 10, loadSeconds: 20)
        cache.advance(by: 100)
        let lease = cache.request(.chat, bytes: 10).lease
        cache.finishUnload(.rerank)
        cache.advance(by: loadSeconds)
        cache.finishLoad(.chat)
        cache.release(lease)
        cache.advance(by: idle)
        return cache
    }

    @Test func `a hint evicts what is worth little, once its file was read ahead`() {
        var cache = Self.full(loadSeconds: 2, idle: 4000)
        #expect(cache.hint(.rerank, bytes: 10).result == .reading)
        #expect(cache.readingAhead == [.rerank])
        #expect(cache.unloading.isEmpty)
        cache.finishReading(.rerank)
        #expect(cache.state(of: .chat) == .unloading)
        cache.finishUnload(.chat)
        #expect(cache.state(of: .rerank) == .loading)
    }

    @Test func `a hint does not evict what was just used`() {
        var cache = Self.full(loadSeconds: 30, idle: 30)
        _ = cache.hint(.rerank, bytes: 10)
        cache.finishReading(.rerank)
        #expect(cache.unloading.isEmpty)
        let kinds = cache.machine.decisions(about: .rerank).map(\.kind)
        #expect(kinds.contains(.declinedPrefetch))
    }

    @Test func `an unlikely hint evicts nothing`() {
        var cache = Self.full(loadSeconds: 2, idle: 4000)
        _ = cache.hint(.rerank, bytes: 10, confidence: 0.3)
        cache.finishReading(.rerank)
        #expect(cache.unloading.isEmpty)
    }

    @Test func `a request stops reading ahead`() {
        var cache = Self.full(loadSeconds: 2, idle: 4000)
        _ = cache.hint(.rerank, bytes: 10)
        #expect(cache.readingAhead == [.rerank])
        _ = cache.request(.embed, bytes: 10)
        #expect(cache.readingAhead.isEmpty)
    }

    @Test func `what was loaded for a hint that did not come true goes first`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 5)
        _ = cache.hint(.embed, bytes: 5, seconds: 50)
        cache.finishLoad(.embed)
        cache.advance(by: 60)
        // By its last use the other would have to go.
        _ = cache.request(.rerank, bytes: 5)
        #expect(Array(cache.unloading.keys) == [.embed])
    }

    @Test func `a hint is forgotten when its time is over`() {
        var cache = MachineHarness(budget: 10) { $0.agingBound = .seconds(1000) }
        let lease = cache.request(.chat, bytes: 10).lease
        cache.finishLoad(.chat)
        _ = cache.hint(.embed, bytes: 5, seconds: 50)
        cache.advance(by: 60)
        cache.release(lease)
        let (_, actions) = cache.machine.evictionRequested(.matching { _ in true }, now: cache.now)
        cache.obey(actions)
        cache.finishUnload(.chat)
        #expect(cache.loading.isEmpty)
    }

    @Test func `hints that can never come true or are too many are declined with a reason`() {
        var cache = MachineHarness(budget: 10)
        let large = cache.hint(.chat, bytes: 11)
        #expect(large.result == .declined)
        #expect(large.reason?.contains("11 B") == true)
        _ = cache.request(.chat, bytes: 10)
        for number in 0..<16 {
            let model = ModelID(path: "/\(number)", role: .chat)
            #expect(cache.hint(model).result == .pending)
        }
        #expect(cache.hint(.embed).result == .declined)
    }

    @Test func `where prefetching is off a hint does nothing`() {
        var cache = MachineHarness(budget: 10) { $0.prefetching = .off }
        #expect(cache.hint(.chat).result == .declined)
        #expect(cache.loading.isEmpty)
    }

    @Test func `what has usually followed is planned when it is likely again`() {
        var cache = MachineHarness(budget: 10) { $0.prefetching = .predicted }
        for _ in 0..<6 {
            cache.makeResident(.embed)
            cache.advance(by: 1)
            cache.makeResident(.chat)
            cache.advance(by: 600)
            let (_, actions) = cache.machine.evictionRequested(
                .matching { _ in true },
                now: cache.now
            )
            cache.obey(actions)
            cache.finishUnload(.embed)
            cache.finishUnload(.chat)
        }
        cache.predicted = [:]
        _ = cache.request(.embed)
        #expect(cache.predicted[.chat] ?? 0 > 0.5)
        #expect(cache.predicted[.embed] == nil)
    }

    @Test func `predictions survive a restart`() throws {
        var cache = MachineHarness(budget: 10) { $0.prefetching = .predicted }
        cache.makeResident(.embed)
        cache.makeResident(.chat)
        for _ in 0..<6 {
            cache.advance(by: 600)
            cache.release(cache.request(.embed).lease)
            cache.advance(by: 1)
            cache.release(cache.request(.chat).lease)
        }
        let learned = cache.machine.learned(now: cache.now)
        var next = MachineHarness(budget: 10) {
            $0.prefetching = .predicted
            $0.learned = learned
        }
        _ = next.request(.embed)
        #expect(next.predicted[.chat] ?? 0 > 0.5)
    }
}
