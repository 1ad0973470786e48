import CorralCache
import CorralServing
import CorralTesting
import Dispatch
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOPosix
import Testing

@testable import CorralServer

/// Files that take as long as they like, on a server with one event loop.
@Suite(.timeLimit(.minutes(1))) struct SlowFileTests {
    /// What a request has files read for.
    enum Reading: CaseIterable, Sendable {
        case plan, hint, reload, unknownName
    }

    @Test(arguments: Reading.allCases)
    func `while a file is read for one client, the stream of another goes on`(
        reading: Reading
    ) async throws {
        let gate = BlockingGate()
        let (more, release) = AsyncStream<Void>.makeStream()
        let body = ScriptedBody { index in
            if index == 1 { for await _ in more { break } }
            return index < 2 ? ByteBuffer(string: "data: \(index)\n\n") : nil
        }
        let engine = ScriptedEngine(answer: { _, _ in .events(body) })
        var configuration = ServerConfiguration()
        configuration.reload = {
            gate.pass()
            return ReloadReport()
        }
        let fixture = try Fixture(
            engine: engine,
            configuration: configuration,
            directory: SlowDirectory(gate: gate)
        )
        engine.setPlanning { if $0 == Fixture.embed { gate.pass() } }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let address = fixture.service.application(at: .hostname("127.0.0.1", port: 0), on: group)
        try await address.test(.live) { client in
            let port = try #require(client.port)
            try await RawConnection.open(port: port) { streaming in
                try await streaming.post("/v1/chat/completions", DisconnectTests.chat)
                _ = try await streaming.read(until: "data: 0\n\n")
                try await RawConnection.open(port: port) { slow in
                    try await Self.ask(reading, slow)
                    for await _ in gate.arrivals { break }
                    release.yield()
                    _ = try await streaming.read(until: "data: 1\n\n")
                    gate.open()
                    _ = try await slow.read(until: "HTTP/1.1 ")
                }
            }
        }
        await fixture.cache.shutdown()
        try await group.shutdownGracefully()
    }

    private static func ask(_ reading: Reading, _ client: RawConnection) async throws {
        switch reading {
        case .plan:
            try await client.send(
                "GET /corral/v1/what-if?model=tiny-embed HTTP/1.1\r\nHost: localhost\r\n\r\n"
            )
        case .hint: try await client.post("/corral/v1/hint", #"{"model":"tiny-embed"}"#)
        case .reload: try await client.post("/corral/v1/reload", "{}")
        case .unknownName: try await client.post("/v1/completions", #"{"model":"new-model"}"#)
        }
    }
}

/// A directory that reads files when it looks again.
private struct SlowDirectory: ModelDirectory {
    let gate: BlockingGate
    let models = ServedModels(Fixture.entries)

    func refreshed() async -> ServedModels {
        gate.pass()
        return models
    }
}

/// Blocks the thread that wants to pass until it is opened.
private final class BlockingGate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let arrived: AsyncStream<Void>.Continuation

    /// Tells of each thread that wants to pass.
    let arrivals: AsyncStream<Void>

    init() { (arrivals, arrived) = AsyncStream.makeStream() }

    func pass() {
        arrived.yield()
        semaphore.wait()
    }

    func open() { semaphore.signal() }
}
