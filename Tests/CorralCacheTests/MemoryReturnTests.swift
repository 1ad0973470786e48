import CorralCache
import CorralMemory
import Testing

@Suite struct MemoryReturnTests {
    private static let gigabyte: Int64 = 1_000_000_000

    private static func desktop(
        configure: (inout CacheConfiguration) -> Void = { _ in }
    ) -> MachineHarness {
        MachineHarness(budget: 100 * gigabyte, keepAlive: .sharedDesktop) {
            $0.givesMemoryBack = true
            configure(&$0)
        }
    }

    @Test(arguments: [(10, 2, 5000), (10, 10, 1000), (40, 10, 4000)])
    func `an idle model stays as long as its reload costs per byte`(
        loadSeconds: Int,
        gigabytes: Int64,
        limit: Int
    ) {
        var cache = Self.desktop()
        cache.makeResident(.chat, bytes: gigabytes * Self.gigabyte, loadSeconds: loadSeconds)
        let statistics = cache.machine.statistics(now: cache.now).models.first
        #expect(statistics?.idleLimit == .seconds(limit))
        cache.advance(by: limit - 1)
        #expect(cache.unloading.isEmpty)
        cache.advance(by: 2)
        #expect(cache.state(of: .chat) == .unloading)
    }

    @Test func `the word auto means a shared desktop`() {
        #expect(KeepAlive(parsing: "auto") == .sharedDesktop)
        #expect("\(KeepAlive.sharedDesktop)" == "auto")
    }

    /// Two idle models, the first of which is worth least.
    private static func full(
        configure: (inout CacheConfiguration) -> Void = { _ in }
    ) -> MachineHarness {
        var cache = desktop(configure: configure)
        cache.makeResident(.chat, bytes: 40 * gigabyte)
        cache.advance(by: 10)
        cache.makeResident(.embed, bytes: 40 * gigabyte)
        cache.advance(by: 10)
        return cache
    }

    private static func available(_ gigabytes: Int64) -> DomainBytes {
        .host(ByteCount(gigabytes * gigabyte))
    }

    @Test func `memory that other programs need is given back, least worth first`() {
        var cache = Self.full { $0.keepAlive = .untilEvicted }
        cache.obey(
            cache.machine.hostMemoryChanged(available: Self.available(-10), now: cache.now)
        )
        #expect(Array(cache.unloading.keys) == [.chat])
        let isTold = cache.events.contains { event in
            if case .unloadStarted(.pressure) = event.kind { true } else { false }
        }
        #expect(isTold)
        #expect(cache.machine.decisions(about: .chat).last?.kind == .gaveBack)
    }

    @Test func `under pressure one model goes at a time`() {
        var cache = Self.full { $0.keepAlive = .untilEvicted }
        let available = Self.available(50)
        func press(_ pressure: Double) {
            cache.obey(
                cache.machine.hostMemoryChanged(
                    available: available,
                    pressure: pressure,
                    now: cache.now
                )
            )
        }
        press(0.05)
        #expect(cache.unloading.isEmpty)
        press(0.3)
        press(0.3)
        #expect(Array(cache.unloading.keys) == [.chat])
        cache.finishUnload(.chat)
        cache.advance(by: 11)
        press(0.3)
        #expect(Array(cache.unloading.keys) == [.embed])
    }

    @Test func `a server keeps its models until they are in the way`() {
        var cache = Self.full {
            $0.keepAlive = .untilEvicted
            $0.givesMemoryBack = false
        }
        cache.obey(
            cache.machine.hostMemoryChanged(
                available: Self.available(-10),
                pressure: 0.9,
                now: cache.now
            )
        )
        #expect(cache.unloading.isEmpty)
    }

    @Test func `pinned and leased models are not given back`() {
        var cache = Self.full { $0.keepAlive = .untilEvicted }
        cache.obey(cache.machine.pinChanged(.chat, to: true, now: cache.now))
        _ = cache.request(.embed)
        cache.obey(
            cache.machine.hostMemoryChanged(
                available: Self.available(-70),
                pressure: 0.9,
                now: cache.now
            )
        )
        #expect(cache.unloading.isEmpty)
    }
}
