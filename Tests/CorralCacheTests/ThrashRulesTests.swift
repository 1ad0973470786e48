import CorralCache
import CorralMemory
import Testing

@Suite struct ThrashRulesTests {
    @Test func `a fresh model is kept while it is used, as long as its load took`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 10, loadSeconds: 8)
        let waiting = cache.request(.embed, bytes: 10)
        #expect(waiting.admission == .queued)
        // Uses with a second between them: each within a quarter of the eight seconds.
        for _ in 0..<7 {
            cache.advance(by: 1)
            #expect(cache.unloading.isEmpty)
            cache.release(cache.request(.chat).lease)
        }
        cache.advance(by: 1)
        #expect(cache.state(of: .chat) == .unloading, "eight seconds are over")
    }

    @Test func `a fresh model that nobody uses any more may go after a quarter of that`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 10, loadSeconds: 8)
        _ = cache.request(.embed, bytes: 10)
        cache.advance(by: 1)
        #expect(cache.unloading.isEmpty)
        cache.advance(by: 1)
        #expect(cache.state(of: .chat) == .unloading)
    }

    @Test func `a slow load protects for no longer than the aging bound`() {
        var cache = MachineHarness(budget: 10) { $0.agingBound = .seconds(20) }
        let lease = cache.request(.chat, bytes: 10).lease
        cache.advance(by: 300)
        cache.finishLoad(.chat)
        _ = cache.request(.embed, bytes: 10)
        cache.advance(by: 19)
        #expect(cache.state(of: .chat) == .resident)
        cache.advance(by: 2)
        #expect(cache.state(of: .chat) == .draining)
        cache.release(lease)
        #expect(cache.state(of: .chat) == .unloading)
    }

    @Test func `without a minimum residency an idle model goes at once`() {
        var cache = MachineHarness(budget: 10) { $0.minimumResidency = 0 }
        cache.makeResident(.chat, bytes: 10, loadSeconds: 8)
        _ = cache.request(.embed, bytes: 10)
        #expect(cache.state(of: .chat) == .unloading)
    }

    @Test func `requests for one model are served together while another waits`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 10, loadSeconds: 8)
        _ = cache.request(.embed, bytes: 10)
        let together = (0..<5).map { _ in cache.request(.chat) }
        #expect(together.allSatisfy { $0.admission == .granted })
        #expect(cache.machine.statistics(now: cache.now).totals.loads == 1)
    }

    /// Two models that do not fit together, each wanted as soon as the other is loaded.
    private static func swapped(rounds: Int) -> MachineHarness {
        var cache = MachineHarness(budget: 10)
        for round in 0..<rounds {
            let (model, other): (ModelID, ModelID) =
                round % 2 == 0 ? (.chat, .embed) : (.embed, .chat)
            let lease = cache.request(model, bytes: 10).lease
            if round > 0 {
                cache.advance(by: 2)
                cache.finishUnload(other)
            }
            cache.advance(by: 8)
            cache.finishLoad(model)
            cache.release(lease)
        }
        return cache
    }

    @Test func `swapping two models for ever counts as oversubscribed and is told`() {
        let cache = Self.swapped(rounds: 40)
        #expect(cache.pressure.isOversubscribed)
        #expect(cache.pressure.reloadingShare > 0.5)
        let told = cache.events.contains { event in
            if case .oversubscriptionChanged(let pressure) = event.kind {
                pressure.isOversubscribed
            } else {
                false
            }
        }
        #expect(told)
    }

    @Test func `a cache that rests is no longer oversubscribed, and says so`() {
        var cache = Self.swapped(rounds: 40)
        cache.advance(by: 600)
        #expect(!cache.pressure.isOversubscribed)
        let last = cache.events.last { event in
            if case .oversubscriptionChanged = event.kind { true } else { false }
        }
        guard case .oversubscriptionChanged(let pressure)? = last?.kind else {
            Issue.record("nothing was told")
            return
        }
        #expect(!pressure.isOversubscribed)
    }

    @Test func `first loads are no sign of oversubscription`() {
        var cache = MachineHarness(budget: 100)
        for number in 0..<40 {
            cache.makeResident(ModelID(path: "/\(number)", role: .chat), loadSeconds: 10)
        }
        #expect(cache.pressure.loadingShare > 0.5)
        #expect(!cache.pressure.isOversubscribed)
    }

    @Test func `a request that load times alone keep too long is refused at once`() throws {
        var cache = MachineHarness(budget: 10) { $0.agingBound = .seconds(1000) }
        let hog = cache.request(.chat, bytes: 10).lease
        cache.advance(by: 30)
        cache.finishLoad(.chat)
        cache.release(hog)
        let lease = cache.request(.chat, bytes: 10).lease
        _ = cache.request(.embed, bytes: 10)
        // 0.8 s for the load ahead, and as much for its own.
        #expect(cache.request(.rerank, bytes: 10, maximumWait: .seconds(3)).admission == .queued)
        let events = cache.events.count
        let other = ModelID(path: "/models/d.gguf", role: .chat)
        guard
            case .refused(let error) = cache.request(other, bytes: 10, maximumWait: .seconds(2))
                .admission
        else {
            Issue.record("it was let in")
            return
        }
        #expect(error.code == .overloaded)
        #expect(try #require(error.retryAfter) >= .seconds(1))
        #expect(cache.events.count == events + 1, "nothing else happened")
        cache.release(lease)
    }

    @Test func `what fits beside the rest is not refused however short the patience`() {
        var cache = MachineHarness(budget: 10)
        _ = cache.request(.chat, bytes: 5)
        #expect(cache.request(.embed, bytes: 5, maximumWait: .zero).admission == .queued)
    }
}
