import CorralCache
import CorralMemory
import Testing

@Suite struct LeaseRulesTests {
    @Test func `the first request loads and the second is granted at once`() {
        var cache = MachineHarness(budget: 10)
        let first = cache.request(.chat)
        #expect(first.admission == .queued)
        cache.finishLoad(.chat)
        #expect(cache.isGranted(first.lease))
        #expect(cache.request(.chat).admission == .granted)
    }

    @Test func `many requests for one model cause one load`() {
        var cache = MachineHarness(budget: 10)
        let leases = (0..<20).map { _ in cache.request(.chat).lease }
        #expect(cache.loading.count == 1)
        cache.finishLoad(.chat)
        #expect(leases.allSatisfy(cache.isGranted))
        #expect(cache.machine.statistics(now: cache.now).totals.loads == 1)
    }

    @Test func `two models that fit together load at the same time`() {
        var cache = MachineHarness(budget: 10)
        _ = cache.request(.chat, bytes: 5)
        _ = cache.request(.embed, bytes: 5)
        #expect(Set(cache.loading.keys) == [.chat, .embed])
    }

    @Test func `a request cancelled before its caller suspends is never granted`() {
        var cache = MachineHarness(budget: 10)
        let footprint = Footprint.host(ByteCount(1))
        let (lease, _, actions) = cache.machine.leaseRequested(
            for: .chat,
            estimate: LoadEstimate(footprint: footprint),
            now: cache.now
        )
        cache.obey(actions)
        cache.obey(cache.machine.leaseCancelled(lease, now: cache.now))
        cache.obey(cache.machine.leaseAwaited(lease, by: 7))
        #expect(cache.refusal(7)?.code == .cancelled)
    }

    @Test func `a load that nobody waits for any more is abandoned`() {
        var cache = MachineHarness(budget: 10)
        let lease = cache.request(.chat, bytes: 10).lease
        cache.cancel(lease)
        #expect(cache.cancelled == [.chat])
        #expect(cache.reserved == 10, "the memory counts until the engine has let go")
        cache.failLoad(.chat)
        #expect(cache.reserved == 0)
        #expect(cache.request(.chat).admission == .queued, "an abandoned load is no failure")
    }

    @Test func `a request that comes while a load is being abandoned loads again`() {
        var cache = MachineHarness(budget: 10)
        let first = cache.request(.chat).lease
        cache.cancel(first)
        let second = cache.request(.chat)
        #expect(second.admission == .queued)
        cache.failLoad(.chat)
        cache.finishLoad(.chat)
        #expect(cache.isGranted(second.lease))
    }

    @Test func `a request behind others that is cancelled leaves their load alone`() {
        var cache = MachineHarness(budget: 10)
        let first = cache.request(.chat).lease
        let second = cache.request(.chat).lease
        cache.cancel(second)
        #expect(cache.cancelled.isEmpty)
        cache.finishLoad(.chat)
        #expect(cache.isGranted(first))
        #expect(cache.refusal(second)?.code == .cancelled)
    }

    @Test func `more context than a resident offers reloads it once it is idle`() {
        var cache = MachineHarness(budget: 10)
        let small = cache.request(.chat, context: 4096).lease
        cache.finishLoad(.chat)
        let large = cache.request(.chat, context: 8192, minimumContext: 8192)
        #expect(large.admission == .queued)
        #expect(cache.unloading.isEmpty, "the small context is still leased")
        cache.release(small)
        cache.finishUnload(.chat)
        cache.finishLoad(.chat)
        #expect(cache.isGranted(large.lease))
        let less = cache.request(.chat, context: 4096, minimumContext: 2048)
        #expect(less.admission == .granted, "a larger context serves a smaller request")
    }

    @Test func `a request waits no longer than it is allowed to`() throws {
        var cache = MachineHarness(budget: 10)
        let hog = cache.request(.chat, bytes: 10).lease
        cache.finishLoad(.chat)
        let waiter = cache.request(.embed, bytes: 10, maximumWait: .seconds(5)).lease
        cache.advance(by: 4)
        #expect(cache.answers[waiter] == nil)
        cache.advance(by: 2)
        let error = try #require(cache.refusal(waiter))
        #expect(error.code == .waitTimedOut)
        #expect(try #require(error.retryAfter) >= .seconds(1))
        #expect(cache.isGranted(hog))
    }

    @Test func `a full queue refuses with a time to come back`() throws {
        var cache = MachineHarness(budget: 10) { $0.queueLimit = 2 }
        _ = cache.request(.chat)
        _ = cache.request(.chat)
        guard case .refused(let error) = cache.request(.embed).admission else {
            Issue.record("a third request was let in")
            return
        }
        #expect(error.code == .queueFull)
        let retry = try #require(error.retryAfter)
        #expect(retry >= .seconds(1))
    }

    @Test func `a full queue still serves hits`() {
        var cache = MachineHarness(budget: 10) { $0.queueLimit = 1 }
        cache.makeResident(.chat)
        _ = cache.request(.embed)
        #expect(cache.request(.chat).admission == .granted)
    }
}
