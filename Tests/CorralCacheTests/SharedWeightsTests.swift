import CorralCache
import CorralMemory
import Testing

@Suite struct SharedWeightsTests {
    private let weights = SharedPart(name: "a.gguf", bytes: .host(ByteCount(6)))

    @Test func `two roles of one file hold its weights once`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 2, shared: weights)
        #expect(cache.reserved == 8)
        cache.makeResident(.chatAsEmbed, bytes: 2, shared: weights)
        #expect(cache.reserved == 10)
    }

    @Test func `evicting one of two roles frees only what is its own`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 2, shared: weights)
        cache.makeResident(.chatAsEmbed, bytes: 2, shared: weights)
        _ = cache.machine.evictionRequested(.matching { $0 == .chat }, now: cache.now)
        guard let residency = cache.residencies[.chat] else { return }
        cache.obey(cache.machine.unloadFinished(.chat, residency, now: cache.now))
        #expect(cache.reserved == 8)
    }

    @Test func `room is made by evicting all holders of the weights`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 2, shared: weights)
        cache.makeResident(.chatAsEmbed, bytes: 2, shared: weights)
        _ = cache.request(.embed, bytes: 8)
        #expect(Set(cache.unloading.keys) == [.chat, .chatAsEmbed])
    }

    @Test func `an incoming role of a resident file needs only its own part`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 2, shared: weights)
        _ = cache.request(.chatAsEmbed, bytes: 2, shared: weights)
        #expect(cache.state(of: .chatAsEmbed) == .loading)
        #expect(cache.unloading.isEmpty)
    }

    @Test func `evicting the only holder makes the incoming role need the weights anew`() {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 2, shared: weights)
        cache.makeResident(.embed, bytes: 2)
        cache.advance(by: 1)
        // 3 + 6 shared beside the other 2 is one too many, and evicting the chat role
        // gives back 2 only, for its weights are needed again.
        _ = cache.request(.chatAsEmbed, bytes: 3, shared: weights)
        for model in cache.unloading.keys.sorted() { cache.finishUnload(model) }
        #expect(cache.state(of: .chatAsEmbed) == .loading)
        #expect(cache.reserved <= 10)
    }
}
