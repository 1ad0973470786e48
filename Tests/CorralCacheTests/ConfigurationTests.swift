import CorralCache
import CorralMemory
import Testing

/// What each setting of the cache changes.
@Suite struct ConfigurationTests {
    @Test(arguments: [(true, false), (false, true)])
    func `a hopeless wait is refused at once only where that is wished`(
        refuses: Bool,
        isLetIn: Bool
    ) {
        var cache = MachineHarness(budget: 10) {
            $0.agingBound = .seconds(1000)
            $0.refusesHopelessWaits = refuses
        }
        _ = cache.request(.chat, bytes: 10)
        cache.finishLoad(.chat)
        _ = cache.request(.embed, bytes: 10)
        let last = cache.request(.rerank, bytes: 10, maximumWait: .seconds(1)).admission
        #expect((last == .queued) == isLetIn)
        #expect((last.refusal?.code == .overloaded) == refuses)
    }

    @Test(arguments: [(0.2, true), (0.4, false)])
    func `memory is given back above the limit of pressure and not below`(
        limit: Double,
        leaves: Bool
    ) {
        var cache = MachineHarness(budget: 10) {
            $0.givesMemoryBack = true
            $0.pressureLimit = limit
        }
        cache.makeResident(.chat)
        cache.obey(
            cache.machine.hostMemoryChanged(
                available: .host(ByteCount(100)),
                pressure: 0.3,
                now: cache.now
            )
        )
        #expect((cache.state(of: .chat) == .unloading) == leaves)
    }

    @Test func `a cool-down begins as long as it is set and grows to its bound`() throws {
        var cache = MachineHarness(budget: 10) {
            $0.coolDown = .seconds(7)
            $0.longestCoolDown = .seconds(20)
        }
        for seconds in [7, 14, 20, 20] {
            _ = cache.request(.chat)
            cache.failLoad(.chat)
            let error = try #require(cache.request(.chat).admission.refusal)
            #expect(error.retryAfter == .seconds(seconds))
            cache.advance(by: seconds)
        }
    }

    @Test(arguments: [2, 9])
    func `the host is looked at as often as is set while a request waits for memory`(
        seconds: Int
    ) throws {
        var cache = MachineHarness(budget: 10) { $0.hostPollInterval = .seconds(seconds) }
        _ = cache.request(.chat, bytes: 10)
        cache.finishLoad(.chat)
        _ = cache.request(.embed, bytes: 10)
        #expect(cache.alarms.min() == cache.now.advanced(by: .seconds(seconds)))
    }

    @Test(arguments: [(5, [ModelID.embed, .chat]), (50, [ModelID.chat, .embed])])
    func `a batch request waits behind those that come within its handicap`(
        after: Int,
        order: [ModelID]
    ) {
        var cache = MachineHarness(budget: 10) {
            $0.batchHandicap = .seconds(20)
            $0.agingBound = .seconds(1000)
        }
        let hog = cache.request(.rerank, bytes: 10).lease
        cache.finishLoad(.rerank)
        _ = cache.request(.chat, bytes: 10, priority: .batch)
        cache.advance(by: after)
        _ = cache.request(.embed, bytes: 10)
        cache.release(hog)
        cache.finishUnload(.rerank)
        #expect(cache.state(of: order[0]) == .loading)
        #expect(cache.state(of: order[1]) == nil)
    }

    @Test func `a model is protected for as many times its load as is set`() {
        for (times, seconds) in [(0.5, 5), (1.5, 15)] {
            var cache = MachineHarness(budget: 10) { $0.minimumResidency = times }
            let lease = cache.request(.chat, bytes: 10).lease
            cache.advance(by: 10)
            cache.finishLoad(.chat)
            // In use all the time, or a quarter of that would do.
            _ = cache.request(.embed, bytes: 10)
            cache.advance(by: seconds - 1)
            cache.release(lease)
            #expect(cache.state(of: .chat) == .resident)
            cache.advance(by: seconds)
            #expect(cache.state(of: .chat) == .unloading)
        }
    }
}
