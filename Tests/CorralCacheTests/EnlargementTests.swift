import CorralCache
import CorralMemory
import Testing

/// A resident model that is asked for more context than it was loaded with.
@Suite struct EnlargementTests {
    private static let large = 8192

    /// A cache of ten bytes with a model of four, which is idle.
    private static func small() -> MachineHarness {
        var cache = MachineHarness(budget: 10)
        cache.makeResident(.chat, bytes: 4)
        return cache
    }

    private static func enlarge(
        _ cache: inout MachineHarness,
        bytes: Int64,
        maximumWait: Duration? = nil
    ) -> (lease: Int, admission: MachineHarness.Machine.Admission) {
        cache.request(
            .chat,
            bytes: bytes,
            context: large,
            minimumContext: large,
            maximumWait: maximumWait
        )
    }

    private static func pin(_ model: ModelID, in cache: inout MachineHarness) {
        cache.obey(cache.machine.pinChanged(model, to: true, now: cache.now))
    }

    enum Stay: CaseIterable { case idle, leased, pinned }

    @Test(arguments: Stay.allCases)
    func `a model asked for more context than the budget holds stays, and the request is refused`(
        stay: Stay
    ) throws {
        var cache = Self.small()
        if stay == .leased { _ = cache.request(.chat) }
        if stay == .pinned { Self.pin(.chat, in: &cache) }
        let error = try #require(Self.enlarge(&cache, bytes: 11).admission.refusal)
        #expect(error.code == .tooLarge)
        #expect(error.needed == .host(ByteCount(11)))
        #expect(error.available == .host(ByteCount(10)))
        #expect(cache.state(of: .chat) == .resident)
        #expect(cache.unloading.isEmpty)
        #expect(cache.request(.chat).admission == .granted)
    }

    @Test func `a model asked for more context than other pins leave stays`() throws {
        var cache = Self.small()
        cache.makeResident(.embed, bytes: 5)
        Self.pin(.embed, in: &cache)
        let error = try #require(Self.enlarge(&cache, bytes: 6).admission.refusal)
        #expect(error.code == .insufficientMemory)
        #expect(error.available == .host(ByteCount(5)), "its own four bytes among these")
        #expect(error.message.contains(ModelID.embed.path))
        #expect(cache.state(of: .chat) == .resident)
    }

    @Test func `a model asked for more context than other programs leave stays`() throws {
        var cache = Self.small()
        cache.obey(
            cache.machine.hostMemoryChanged(available: .host(ByteCount(2)), now: cache.now)
        )
        // Two are available and four its own.
        let error = try #require(Self.enlarge(&cache, bytes: 7).admission.refusal)
        #expect(error.code == .insufficientMemory)
        #expect(error.retryAfter == .seconds(15))
        #expect(cache.state(of: .chat) == .resident)
        #expect(Self.enlarge(&cache, bytes: 6).admission == .queued)
        #expect(cache.state(of: .chat) == .unloading)
    }

    @Test func `weights that only the model itself maps count once when it comes back`() {
        var cache = MachineHarness(budget: 10)
        let weights = SharedPart(name: "/models/a.gguf", bytes: .host(ByteCount(6)))
        cache.makeResident(.chat, bytes: 1, shared: weights)
        let request = cache.request(
            .chat,
            bytes: 4,
            shared: weights,
            context: Self.large,
            minimumContext: Self.large
        )
        #expect(request.admission == .queued, "six and four are ten")
        cache.finishUnload(.chat)
        cache.finishLoad(.chat)
        #expect(cache.isGranted(request.lease))
    }

    @Test func `a pinned model may come back with more context and stays pinned`() {
        var cache = Self.small()
        Self.pin(.chat, in: &cache)
        let lease = Self.enlarge(&cache, bytes: 8).lease
        cache.finishUnload(.chat)
        cache.finishLoad(.chat)
        #expect(cache.isGranted(lease))
        cache.release(lease)
        #expect(cache.request(.embed, bytes: 3).admission.refusal?.code == .insufficientMemory)
        #expect(cache.state(of: .chat) == .resident)
    }

    @Test func `a model is not unloaded for more context before there is room for it`() {
        var cache = Self.small()
        let other = cache.request(.embed, bytes: 5).lease
        cache.finishLoad(.embed)
        let larger = Self.enlarge(&cache, bytes: 8).lease
        #expect(cache.state(of: .chat) == .resident)
        #expect(cache.request(.chat).admission == .granted, "the small context serves meanwhile")
        cache.release(other)
        #expect(cache.state(of: .chat) == .draining)
        #expect(cache.state(of: .embed) == .resident, "evicted only once the memory is needed")
        #expect(cache.answers[larger] == nil)
    }

    @Test func `a request that waits for room to grow holds back later loads`() {
        var cache = Self.small()
        let other = cache.request(.embed, bytes: 4).lease
        cache.finishLoad(.embed)
        _ = Self.enlarge(&cache, bytes: 8)
        _ = cache.request(.rerank, bytes: 2)
        #expect(cache.loading[.rerank] == nil)
        cache.release(other)
        #expect(cache.state(of: .chat) == .unloading)
    }

    @Test func `a leased model drains until it can come back with more context`() {
        var cache = Self.small()
        let small = cache.request(.chat).lease
        let large = Self.enlarge(&cache, bytes: 8).lease
        #expect(cache.state(of: .chat) == .draining)
        cache.release(small)
        cache.finishUnload(.chat)
        cache.finishLoad(.chat)
        #expect(cache.isGranted(large))
    }

    enum Ending: CaseIterable { case cancelled, timedOut, pinnedAway }

    @Test(arguments: Ending.allCases)
    func `a drain for more context is called off when nobody can have it any more`(
        ending: Ending
    ) {
        var cache = Self.small()
        cache.makeResident(.embed, bytes: 4)
        let small = cache.request(.chat).lease
        let large = Self.enlarge(&cache, bytes: 8, maximumWait: .seconds(5)).lease
        let behind = cache.request(.chat).lease
        #expect(cache.state(of: .chat) == .draining)
        #expect(cache.answers[behind] == nil)
        switch ending {
        case .cancelled: cache.cancel(large)
        case .timedOut: cache.advance(by: 6)
        case .pinnedAway: Self.pin(.embed, in: &cache)
        }
        let code: ModelCacheError.Code =
            switch ending {
            case .cancelled: .cancelled
            case .timedOut: .waitTimedOut
            case .pinnedAway: .insufficientMemory
            }
        #expect(cache.refusal(large)?.code == code)
        #expect(cache.state(of: .chat) == .resident)
        #expect(cache.isGranted(behind), "who waited behind is served by the small context")
        cache.release(small)
        #expect(cache.unloading.isEmpty)
    }

    @Test func `a drain goes on while another still wants the larger context`() {
        var cache = Self.small()
        _ = cache.request(.chat)
        let first = Self.enlarge(&cache, bytes: 8).lease
        _ = Self.enlarge(&cache, bytes: 8)
        cache.cancel(first)
        #expect(cache.state(of: .chat) == .draining)
    }

    @Test func `an unload that somebody asked for is not called off with the drain it replaced`() {
        var cache = Self.small()
        let small = cache.request(.chat).lease
        let large = Self.enlarge(&cache, bytes: 8).lease
        cache.obey(cache.machine.evictionRequested(.matching { $0 == .chat }, now: cache.now).1)
        cache.cancel(large)
        cache.release(small)
        #expect(cache.state(of: .chat) == .unloading)
    }

    @Test func `what if tells of a context that cannot be had, and of one that can`() {
        var cache = Self.small()
        func forecast(_ bytes: Int64) -> LoadForecast {
            cache.forecast(.chat, bytes: bytes, context: Self.large, minimumContext: Self.large)
        }
        guard case .refused(let error) = forecast(11).outcome else {
            Issue.record("eleven bytes are promised of ten")
            return
        }
        #expect(error.code == .tooLarge)
        #expect(forecast(8).outcome == .evicts)
        #expect(forecast(8).victims.map(\.model) == [.chat])
        #expect(forecast(8).needed == .host(ByteCount(4)), "four are its own already")
        cache.makeResident(.embed, bytes: 4)
        #expect(forecast(8).victims.map(\.model) == [.chat, .embed])
        let lease = cache.request(.chat).lease
        #expect(forecast(8).outcome == .waits)
        cache.release(lease)
        Self.pin(.embed, in: &cache)
        guard case .refused = forecast(8).outcome else {
            Issue.record("eight bytes are promised beside four that are pinned")
            return
        }
    }

    @Test func `what if does not promise a model that is being loaded to whom the queue is full`() {
        var cache = MachineHarness(budget: 10) { $0.queueLimit = 1 }
        _ = cache.request(.chat, bytes: 4)
        guard case .refused(let error) = cache.forecast(.chat, bytes: 4).outcome else {
            Issue.record("the queue is full")
            return
        }
        #expect(error.code == .queueFull)
    }
}
