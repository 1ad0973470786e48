import CorralCache
import CorralMemory
import Testing

@Suite struct FailureRulesTests {
    @Test func `a failed load fails all who wait for it and frees its memory`() throws {
        var cache = MachineHarness(budget: 10)
        let leases = (0..<3).map { _ in cache.request(.chat, bytes: 9).lease }
        cache.failLoad(.chat, "unknown architecture")
        for lease in leases {
            let error = try #require(cache.refusal(lease))
            #expect(error.code == .loadFailed)
            #expect(error.message.contains("unknown architecture"))
        }
        #expect(cache.reserved == 0)
    }

    @Test func `a failing model cools down for twice as long each time`() throws {
        var cache = MachineHarness(budget: 10)
        for seconds in [1, 2, 4, 8] {
            _ = cache.request(.chat)
            cache.failLoad(.chat)
            let error = try #require(cache.request(.chat).admission.refusal)
            #expect(error.code == .loadFailed)
            #expect(error.retryAfter == .seconds(seconds))
            #expect(cache.state(of: .chat) == .coolingDown)
            cache.advance(by: seconds)
        }
        #expect(cache.request(.chat).admission == .queued)
    }

    @Test func `a use that goes well ends the cooling down`() throws {
        var cache = MachineHarness(budget: 10)
        _ = cache.request(.chat)
        cache.failLoad(.chat)
        cache.advance(by: 1)
        cache.makeResident(.chat)
        cache.crash(.chat)
        #expect(cache.request(.chat).admission == .queued, "a first crash is forgiven")
    }

    @Test func `a crash returns the memory and the next request loads again`() {
        var cache = MachineHarness(budget: 10)
        let lease = cache.request(.chat, bytes: 10).lease
        cache.finishLoad(.chat)
        cache.crash(.chat)
        #expect(cache.reserved == 0)
        let next = cache.request(.chat, bytes: 10)
        cache.finishLoad(.chat)
        #expect(cache.isGranted(next.lease))
        cache.release(lease)
        #expect(
            cache.machine.statistics(now: cache.now).models.first?.leases == 1,
            "a lease of the dead model must not count against the living one"
        )
    }

    @Test func `a model that crashes again and again cools down`() throws {
        var cache = MachineHarness(budget: 10)
        for _ in 0..<2 {
            _ = cache.request(.chat)
            cache.finishLoad(.chat)
            cache.crash(.chat)
        }
        let error = try #require(cache.request(.chat).admission.refusal)
        #expect(error.code == .loadFailed)
        #expect(error.retryAfter == .seconds(1))
    }

    @Test func `the end of an earlier stay does not touch a later one`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat)
        let old = cache.residencies[.chat]
        cache.crash(.chat)
        cache.makeResident(.chat)
        guard let old else { return }
        cache.obey(cache.machine.engineExited(.chat, old, message: "late", now: cache.now))
        #expect(cache.state(of: .chat) == .resident)
    }

    @Test func `a model that ends before its load is heard of counts as failed`() throws {
        var cache = MachineHarness(budget: 10)
        let lease = cache.request(.chat).lease
        cache.crash(.chat)
        cache.finishLoad(.chat)
        #expect(try #require(cache.refusal(lease)).code == .loadFailed)
        #expect(cache.reserved == 0)
    }

    @Test func `shutting down refuses who waits and lets leases finish`() throws {
        var cache = MachineHarness(budget: 10)
        let lease = cache.request(.chat, bytes: 10).lease
        cache.finishLoad(.chat)
        let waiter = cache.request(.embed, bytes: 10).lease
        cache.obey(cache.machine.shutdownRequested(now: cache.now))
        #expect(try #require(cache.refusal(waiter)).code == .shuttingDown)
        #expect(cache.request(.chat).admission.refusal?.code == .shuttingDown)
        #expect(!cache.hasFinished)
        cache.release(lease)
        cache.finishUnload(.chat)
        #expect(cache.hasFinished)
    }

    @Test func `past its time of grace a shutdown unloads under the leases`() {
        var cache = MachineHarness(budget: 10)
        let lease = cache.request(.chat).lease
        cache.finishLoad(.chat)
        cache.obey(cache.machine.shutdownRequested(now: cache.now))
        cache.obey(cache.machine.shutdownDeadlinePassed(now: cache.now))
        cache.finishUnload(.chat)
        #expect(cache.hasFinished)
        cache.release(lease)
    }

    @Test func `a stale alarm is ignored`() {
        var cache = MachineHarness(budget: 10, keepAlive: .idle(.seconds(10)))
        cache.makeResident(.chat)
        let stale = cache.now.advanced(by: .seconds(3))
        let actions = cache.machine.alarmFired(stale, now: stale)
        #expect(actions.isEmpty)
    }
}
