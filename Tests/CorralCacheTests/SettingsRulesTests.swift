import CorralCache
import CorralMemory
import Testing

@Suite struct SettingsRulesTests {
    @Test func `a smaller budget lets the least recently used idle models leave`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 4)
        cache.advance(by: 1)
        cache.makeResident(.embed, bytes: 4)
        cache.obey(cache.machine.budgetChanged(to: .host(ByteCount(5)), now: cache.now))
        #expect(cache.state(of: .chat) == .unloading)
        #expect(cache.unloading[.embed] == nil)
    }

    @Test func `a leased model above a smaller budget is used to the end`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 8)
        let lease = cache.request(.chat, bytes: 8).lease
        cache.obey(cache.machine.budgetChanged(to: .host(ByteCount(5)), now: cache.now))
        #expect(cache.unloading.isEmpty)
        cache.release(lease)
        #expect(cache.state(of: .chat) == .unloading)
    }

    @Test func `a larger budget serves who waits for memory`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 8)
        _ = cache.request(.chat, bytes: 8)
        _ = cache.request(.embed, bytes: 8)
        #expect(cache.loading[.embed] == nil)
        cache.obey(cache.machine.budgetChanged(to: .host(ByteCount(20)), now: cache.now))
        #expect(cache.state(of: .embed) == .loading)
    }

    @Test func `who waits for what can never fit any more is refused`() throws {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 4)
        _ = cache.request(.chat, bytes: 4)
        let waiting = cache.request(.embed, bytes: 8)
        #expect(waiting.admission == .queued)
        cache.obey(cache.machine.budgetChanged(to: .host(ByteCount(5)), now: cache.now))
        guard case .failure(let error) = cache.answers[waiting.lease] else {
            Issue.record("nobody was told")
            return
        }
        #expect(error.code == .tooLarge)
    }

    @Test func `a new default keep-alive counts for models that have the old one`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat)
        let lease = cache.request(.embed, keepAlive: .idle(.seconds(9000))).lease
        cache.finishLoad(.embed)
        cache.release(lease)
        cache.obey(
            cache.machine.defaultKeepAliveChanged(to: .idle(.seconds(60)), now: cache.now)
        )
        cache.advance(by: 61)
        #expect(cache.state(of: .chat) == .unloading)
        #expect(cache.unloading[.embed] == nil)
    }
}
