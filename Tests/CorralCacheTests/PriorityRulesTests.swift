import CorralCache
import CorralMemory
import Testing

@Suite struct PriorityRulesTests {
    /// A cache in which everybody has to wait for the lease that is out.
    private static func occupied() -> (MachineHarness, lease: Int) {
        var cache = MachineHarness(budget: 10) {
            $0.agingBound = .seconds(1000)
            $0.batchHandicap = .seconds(30)
        }
        let lease = cache.request(.chat, bytes: 10).lease
        cache.finishLoad(.chat)
        return (cache, lease)
    }

    @Test func `an interactive request goes before a batch request that came first`() {
        var (cache, lease) = Self.occupied()
        let batch = cache.request(.embed, bytes: 10, priority: .batch).lease
        cache.advance(by: 29)
        let interactive = cache.request(.rerank, bytes: 10).lease
        cache.release(lease)
        cache.finishUnload(.chat)
        #expect(Array(cache.loading.keys) == [.rerank])
        cache.finishLoad(.rerank)
        #expect(cache.isGranted(interactive))
        #expect(!cache.isGranted(batch))
    }

    @Test func `a batch request goes before interactive ones that come a minute later`() {
        var (cache, lease) = Self.occupied()
        let batch = cache.request(.embed, bytes: 10, priority: .batch).lease
        cache.advance(by: 31)
        _ = cache.request(.rerank, bytes: 10)
        cache.release(lease)
        cache.finishUnload(.chat)
        #expect(Array(cache.loading.keys) == [.embed])
        cache.finishLoad(.embed)
        #expect(cache.isGranted(batch))
    }

    @Test func `requests of one priority are served in the order they came`() {
        var (cache, lease) = Self.occupied()
        _ = cache.request(.embed, bytes: 10, priority: .batch)
        _ = cache.request(.rerank, bytes: 10, priority: .batch)
        cache.release(lease)
        cache.finishUnload(.chat)
        #expect(Array(cache.loading.keys) == [.embed])
    }

    @Test func `a batch request is granted at once where the model is resident`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat)
        #expect(cache.request(.chat, priority: .batch).admission == .granted)
    }

    @Test func `the statistics tell batch requests from the others`() {
        var (cache, _) = Self.occupied()
        _ = cache.request(.embed, bytes: 10, priority: .batch)
        _ = cache.request(.rerank, bytes: 10)
        let statistics = cache.machine.statistics(now: cache.now)
        #expect(statistics.waiting == 2)
        #expect(statistics.waitingBatch == 1)
    }
}
