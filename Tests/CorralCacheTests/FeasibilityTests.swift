import CorralCache
import CorralMemory
import Testing

@Suite struct FeasibilityTests {
    @Test func `a model larger than the budget is refused at once and evicts nothing`() throws {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 5)
        let error = try #require(cache.request(.embed, bytes: 11).admission.refusal)
        #expect(error.code == .tooLarge)
        #expect(error.needed == .host(ByteCount(11)))
        #expect(error.available == .host(ByteCount(10)))
        #expect(error.retryAfter == nil, "it will not fit later either")
        #expect(cache.unloading.isEmpty)
    }

    @Test func `a model that does not fit beside the pins is refused and told of them`() throws {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 6)
        cache.obey(cache.machine.pinChanged(.chat, to: true, now: cache.now))
        let error = try #require(cache.request(.embed, bytes: 5).admission.refusal)
        #expect(error.code == .insufficientMemory)
        #expect(error.message.contains(ModelID.chat.path))
        #expect(error.available == .host(ByteCount(4)))
    }

    @Test func `what other programs hold counts against a new model`() throws {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 4)
        cache.obey(
            cache.machine.hostMemoryChanged(available: .host(ByteCount(2)), now: cache.now)
        )
        // 2 are available and 4 could be evicted: 6 fit, 7 do not.
        let error = try #require(cache.request(.embed, bytes: 7).admission.refusal)
        #expect(error.code == .insufficientMemory)
        #expect(error.retryAfter == .seconds(15))
        #expect(cache.unloading.isEmpty)
        #expect(cache.request(.rerank, bytes: 6).admission == .queued)
        #expect(cache.state(of: .chat) == .unloading)
    }

    @Test func `memory of the models themselves does not count as other programs'`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 8)
        cache.obey(
            cache.machine.hostMemoryChanged(available: .host(ByteCount(2)), now: cache.now)
        )
        _ = cache.request(.embed, bytes: 2)
        #expect(cache.state(of: .embed) == .loading)
        #expect(cache.unloading.isEmpty)
    }

    @Test func `a request whose room is pinned away while it waits fails`() throws {
        var cache = MachineHarness(budget: 10)
        let lease = cache.request(.chat, bytes: 10).lease
        cache.finishLoad(.chat)
        let waiter = cache.request(.embed, bytes: 5).lease
        cache.obey(cache.machine.pinChanged(.chat, to: true, now: cache.now))
        #expect(try #require(cache.refusal(waiter)).code == .insufficientMemory)
        cache.release(lease)
    }

    @Test func `every domain must have room`() {
        var budget = DomainBytes.host(ByteCount(10))
        budget[.gpu(0)] = ByteCount(4)
        var machine = CacheStateMachine<Int>(budget: budget, configuration: CacheConfiguration())
        var footprint = Footprint.host(ByteCount(1))
        footprint.exclusive[.gpu(0)] = ByteCount(5)
        let (_, admission, _) = machine.leaseRequested(
            for: .chat,
            estimate: LoadEstimate(footprint: footprint),
            now: .start
        )
        guard case .refused(let error) = admission else {
            Issue.record("5 bytes were let onto a device of 4")
            return
        }
        #expect(error.code == .tooLarge)
    }
}
