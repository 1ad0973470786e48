import CorralCache
import CorralMemory
import CorralTesting
import Hummingbird
import NIOCore
import ServiceLifecycle
import Testing

@testable import CorralServer

/// How the service ends.
@Suite(.timeLimit(.minutes(1))) struct ShutdownTests {
    static let chat = "{\"model\":\"tiny-chat\",\"stream\":true}"

    /// Runs a service on a socket, and `body` with its port and the means to stop it.
    private func withService(
        _ engine: ScriptedEngine,
        grace: Duration,
        pinned: Bool = false,
        _ body:
            @Sendable (Int, ModelCache<ScriptedEngine>, @Sendable () async -> Void) async throws
            -> Void
    ) async throws {
        var configuration = ServerConfiguration()
        configuration.shutdownGrace = grace
        let memory = ByteCount(1000)
        let cache = try ModelCache(
            engine: engine,
            host: ScriptedHost(limit: memory),
            memory: .bytes(memory)
        )
        let (ports, listening) = AsyncStream<Int>.makeStream()
        var entries = Fixture.entries
        entries[0].isPinned = pinned
        let service = CorralService(
            cache: cache,
            directory: ModelList(entries),
            configuration: configuration,
            addresses: [.hostname("127.0.0.1", port: 0)],
            logger: Fixture.logger,
            onListening: { channel in listening.yield(channel.localAddress?.port ?? 0) }
        )
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [service], logger: Fixture.logger)
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await port in ports {
                do {
                    try await body(port, cache) { await group.triggerGracefulShutdown() }
                } catch {
                    await group.triggerGracefulShutdown()
                    throw error
                }
                break
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        let states = Set(cache.statistics.models.map(\.state))
        #expect(states.subtracting([.absent]).isEmpty, "a model outlived the service")
    }

    @Test func `an answer under way finishes and what comes later is refused`() async throws {
        let (gate, open) = AsyncStream<Never>.makeStream()
        let body = ScriptedBody { index in
            if index == 1 { for await _ in gate {} }
            return index < 2 ? ByteBuffer(string: "data: \(index)\n\n") : nil
        }
        let engine = ScriptedEngine(answer: { _, _ in .events(body) })
        try await withService(engine, grace: .seconds(30)) { port, cache, stop in
            let events = cache.events()
            try await RawConnection.open(port: port) { raw in
                try await raw.post("/v1/chat/completions", Self.chat)
                _ = try await raw.read(until: "data: 0\n\n")
                await stop()
                for await event in events {
                    if case .shutdownStarted = event.kind { break }
                }
                open.finish()
                let rest = try await raw.readToEnd()
                #expect(rest.contains("data: 1\n\n") && rest.hasSuffix("\r\n0\r\n\r\n"))
            }
            await #expect(throws: (any Error).self) {
                try await RawConnection.open(port: port) { _ in }
            }
        }
    }

    @Test func `who waits for a model is refused at once`() async throws {
        let engine = ScriptedEngine()
        engine.fake.holdLoads()
        try await withService(engine, grace: .seconds(30)) { port, _, stop in
            try await RawConnection.open(port: port) { raw in
                try await raw.post("/v1/chat/completions", Self.chat)
                await engine.fake.calls(atLeast: 1)
                await stop()
                let answer = try await raw.readToEnd()
                #expect(answer.hasPrefix("HTTP/1.1 503") && answer.contains("shutting_down"))
            }
        }
    }

    @Test func `an answer that outlasts the grace is cut off`() async throws {
        let body = ScriptedBody.silent(after: ["data: 0\n\n"])
        let engine = ScriptedEngine(answer: { _, _ in .events(body) })
        try await withService(engine, grace: .milliseconds(50)) { port, _, stop in
            try await RawConnection.open(port: port) { raw in
                try await raw.post("/v1/chat/completions", Self.chat)
                _ = try await raw.read(until: "data: 0\n\n")
                await stop()
                let rest = try await raw.readToEnd()
                #expect(!rest.contains("\r\n0\r\n"))
            }
        }
        #expect(body.log.wasCancelled)
    }

    @Test func `a listener to events does not delay the end`() async throws {
        try await withService(ScriptedEngine(), grace: .seconds(30)) { port, _, stop in
            try await RawConnection.open(port: port) { raw in
                try await raw.send("GET /corral/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
                _ = try await raw.read(until: "text/event-stream")
                await stop()
                let rest = try await raw.readToEnd()
                #expect(
                    rest.contains("event: shutdown_finished") && rest.hasSuffix("\r\n0\r\n\r\n")
                )
            }
        }
    }

    @Test func `pins of the directory are set at the start`() async throws {
        try await withService(ScriptedEngine(), grace: .zero, pinned: true) { _, cache, _ in
            #expect(cache.statistics.models.map(\.id) == [Fixture.chat])
            #expect(cache.statistics.models.map(\.isPinned) == [true])
        }
    }

    @Test func `an address that is taken ends the service with an error`() async throws {
        try await withService(ScriptedEngine(), grace: .zero) { port, _, _ in
            let fixture = try Fixture()
            let service = CorralService(
                cache: fixture.cache,
                directory: ModelList(Fixture.entries),
                addresses: [.hostname("127.0.0.1", port: port)],
                logger: Fixture.logger
            )
            await #expect(throws: (any Error).self) { try await service.run() }
        }
    }
}
