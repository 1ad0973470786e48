import CorralCache
import CorralMemory
import Testing

@Suite struct KeepAliveRulesTests {
    @Test func `a pinned model past its idle limit hides nobody's deadline`() {
        var cache = MachineHarness(budget: 10, keepAlive: .idle(.seconds(5)))
        cache.makeResident(.chat, bytes: 6)
        cache.obey(cache.machine.pinChanged(.chat, to: true, now: cache.now))
        cache.advance(by: 6)
        let lease = cache.request(.embed, bytes: 4).lease
        cache.finishLoad(.embed)
        let waiter = cache.request(.rerank, bytes: 4, maximumWait: .seconds(3)).lease
        cache.advance(by: 4)
        #expect(cache.refusal(waiter)?.code == .waitTimedOut)
        cache.release(lease)
    }

    @Test func `an idle model leaves when its time is up and not before`() {
        var cache = MachineHarness(budget: 10, keepAlive: .idle(.seconds(300)))
        cache.makeResident(.chat)
        cache.advance(by: 299)
        #expect(cache.unloading.isEmpty)
        cache.advance(by: 2)
        #expect(cache.state(of: .chat) == .unloading)
    }

    @Test func `using a model starts its time anew`() {
        var cache = MachineHarness(budget: 10, keepAlive: .idle(.seconds(300)))
        cache.makeResident(.chat)
        cache.advance(by: 200)
        let lease = cache.request(.chat).lease
        cache.advance(by: 200)
        #expect(cache.unloading.isEmpty, "a leased model is not idle")
        cache.release(lease)
        cache.advance(by: 200)
        #expect(cache.unloading.isEmpty)
        cache.advance(by: 101)
        #expect(cache.state(of: .chat) == .unloading)
    }

    @Test func `zero unloads as the last lease ends`() {
        var cache = MachineHarness(budget: 10)
        let first = cache.request(.chat, keepAlive: .idle(.zero)).lease
        let second = cache.request(.chat).lease
        cache.finishLoad(.chat)
        cache.release(first)
        #expect(cache.unloading.isEmpty)
        cache.release(second)
        #expect(cache.state(of: .chat) == .unloading)
    }

    @Test func `a request's keep-alive replaces the model's`() {
        var cache = MachineHarness(budget: 10, keepAlive: .idle(.seconds(10)))
        cache.makeResident(.chat)
        let lease = cache.request(.chat, keepAlive: .untilEvicted).lease
        cache.release(lease)
        cache.advance(by: 10_000)
        #expect(cache.unloading.isEmpty)
    }

    @Test func `a pinned model does not leave however long it is idle`() {
        var cache = MachineHarness(budget: 10, keepAlive: .idle(.seconds(10)))
        cache.makeResident(.chat)
        cache.obey(cache.machine.pinChanged(.chat, to: true, now: cache.now))
        cache.advance(by: 100)
        #expect(cache.unloading.isEmpty)
        cache.obey(cache.machine.pinChanged(.chat, to: false, now: cache.now))
        #expect(cache.state(of: .chat) == .unloading)
    }

    @Test(arguments: [
        ("0", KeepAlive.idle(.zero)), ("300", .idle(.seconds(300))), ("5m", .idle(.seconds(300))),
        ("1h30m", .idle(.seconds(5400))), ("250ms", .idle(.milliseconds(250))),
        ("-1", .untilEvicted), ("-5m", .untilEvicted),
    ])
    func `a keep-alive is read as Ollama writes it`(text: String, expected: KeepAlive) {
        #expect(KeepAlive(parsing: text) == expected)
    }

    @Test(arguments: ["", "-", "five", "5x", "m5", "5m-"])
    func `a keep-alive that makes no sense is not read`(text: String) {
        #expect(KeepAlive(parsing: text) == nil)
    }
}
