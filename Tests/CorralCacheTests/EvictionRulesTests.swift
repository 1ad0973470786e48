import CorralCache
import CorralMemory
import Testing

@Suite struct EvictionRulesTests {
    @Test func `the least recently used idle model makes room`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 5)
        cache.advance(by: 1)
        cache.makeResident(.embed, bytes: 5)
        let incoming = cache.request(.rerank, bytes: 5)
        #expect(Array(cache.unloading.keys) == [.chat])
        #expect(cache.loading.isEmpty, "memory is free only when the unload has finished")
        cache.finishUnload(.chat)
        cache.finishLoad(.rerank)
        #expect(cache.isGranted(incoming.lease))
    }

    @Test func `a leased model is never evicted`() {
        var cache = MachineHarness(budget: 10) { $0.agingBound = .seconds(1000) }
        let lease = cache.request(.chat, bytes: 10).lease
        cache.finishLoad(.chat)
        _ = cache.request(.embed, bytes: 5)
        cache.advance(by: 100)
        #expect(cache.unloading.isEmpty)
        cache.release(lease)
        #expect(cache.state(of: .chat) == .unloading)
    }

    @Test func `a pinned model is never evicted`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 4)
        cache.obey(cache.machine.pinChanged(.chat, to: true, now: cache.now))
        cache.advance(by: 1)
        cache.makeResident(.embed, bytes: 4)
        _ = cache.request(.rerank, bytes: 4)
        #expect(Array(cache.unloading.keys) == [.embed])
    }

    @Test func `nothing is evicted while all idle models together are not enough`() {
        var cache = MachineHarness(budget: 10)
        let lease = cache.request(.chat, bytes: 6).lease
        cache.finishLoad(.chat)
        cache.makeResident(.embed, bytes: 4)
        _ = cache.request(.rerank, bytes: 8)
        #expect(cache.unloading.isEmpty)
        #expect(cache.request(.embed).admission == .granted, "it can still be hit")
        cache.release(lease)
    }

    @Test func `what is already leaving is not evicted for twice`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 5)
        cache.makeResident(.embed, bytes: 5)
        _ = cache.request(.rerank, bytes: 5)
        _ = cache.request(.rerank, bytes: 5)
        #expect(cache.unloading.count == 1)
    }

    @Test func `a request that waits for memory holds back loads but not hits`() {
        var cache = MachineHarness(budget: 10)
        let lease = cache.request(.chat, bytes: 8).lease
        cache.finishLoad(.chat)
        let big = cache.request(.embed, bytes: 10)
        let small = cache.request(.rerank, bytes: 2)
        #expect(cache.loading.isEmpty, "the small load would take what the big one waits for")
        #expect(cache.request(.chat).admission == .granted)
        #expect(big.admission == .queued && small.admission == .queued)
        cache.release(lease)
    }

    @Test func `past the aging bound a hot model drains`() {
        var cache = MachineHarness(budget: 10) { $0.agingBound = .seconds(20) }
        var lease = cache.request(.chat, bytes: 10).lease
        cache.finishLoad(.chat)
        let starving = cache.request(.embed, bytes: 10).lease
        // Overlapping leases: never a moment without one.
        for _ in 0..<19 {
            cache.advance(by: 1)
            let (next, admission) = cache.request(.chat)
            #expect(admission == .granted)
            cache.release(lease)
            lease = next
        }
        cache.advance(by: 2)
        #expect(cache.state(of: .chat) == .draining)
        let late = cache.request(.chat, bytes: 10)
        #expect(late.admission == .queued, "a draining model takes no new leases")
        cache.release(lease)
        cache.finishUnload(.chat)
        cache.finishLoad(.embed)
        #expect(cache.isGranted(starving))
    }

    @Test func `a drain ends when nobody waits for the room any more`() {
        var cache = MachineHarness(budget: 10) { $0.agingBound = .seconds(20) }
        let lease = cache.request(.chat, bytes: 10).lease
        cache.finishLoad(.chat)
        let starving = cache.request(.embed, bytes: 10).lease
        cache.advance(by: 21)
        #expect(cache.state(of: .chat) == .draining)
        cache.cancel(starving)
        #expect(cache.state(of: .chat) == .resident)
        cache.release(lease)
        #expect(cache.unloading.isEmpty)
    }

    @Test func `a model found to hold more than planned makes idle models go`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 5)
        let lease = cache.request(.embed, bytes: 5).lease
        cache.finishLoad(.embed, measured: 7)
        #expect(cache.isGranted(lease))
        #expect(cache.reserved == 12)
        #expect(Array(cache.unloading.keys) == [.chat])
    }

    @Test func `a model found to hold less than planned keeps its reservation`() {
        var cache = MachineHarness(budget: 10)
        _ = cache.request(.embed, bytes: 5)
        cache.finishLoad(.embed, measured: 2)
        #expect(cache.reserved == 5, "it touches the rest when it works")
    }

    @Test func `the first release measures the model again`() {
        var cache = MachineHarness(budget: 10)
        let lease = cache.request(.chat).lease
        cache.finishLoad(.chat)
        cache.release(lease)
        #expect(cache.measured == [.chat])
        let again = cache.request(.chat).lease
        cache.release(again)
        #expect(cache.measured == [.chat])
    }

    @Test func `unloading a leased model waits for its last lease`() {
        var cache = MachineHarness(budget: 10)
        let lease = cache.request(.chat).lease
        cache.finishLoad(.chat)
        let (chosen, actions) = cache.machine.evictionRequested(
            .matching { $0 == .chat },
            now: cache.now
        )
        cache.obey(actions)
        #expect(chosen == [.chat])
        #expect(cache.unloading.isEmpty)
        cache.release(lease)
        #expect(cache.state(of: .chat) == .unloading)
    }

    @Test func `evicting idle models spares the leased, the pinned and the recent`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat)
        cache.makeResident(.embed)
        cache.obey(cache.machine.pinChanged(.embed, to: true, now: cache.now))
        cache.advance(by: 30)
        cache.makeResident(.rerank)
        let (chosen, actions) = cache.machine.evictionRequested(
            .idle(atLeast: .seconds(10)),
            now: cache.now
        )
        cache.obey(actions)
        #expect(chosen == [.chat])
    }
}
