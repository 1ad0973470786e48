import HTTPTypes
import NIOCore
import NIOPosix
import Testing

@testable import CorralHTTP

/// Clients that go away, or do not read.
@Suite(.timeLimit(.minutes(2)))
struct AbandonedRequestTests {
    private let client = HTTPClient()

    @Test func `cancelling who waits for the head closes the connection`() async throws {
        let (asked, askedIn) = AsyncStream<Void>.makeStream()
        let (closed, closedIn) = AsyncStream<Void>.makeStream()
        try await ScriptedServer.run { peer in
            _ = await peer.request()
            askedIn.yield()
            await peer.closed()
            closedIn.yield()
        } _: { endpoint in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) {
                        try await client.send("/", to: endpoint)
                    }
                }
                await asked.next()
                group.cancelAll()
            }
            await closed.next()
        }
    }

    @Test func `cancelling who reads closes the connection`() async throws {
        let (closed, closedIn) = AsyncStream<Void>.makeStream()
        let (began, beganIn) = AsyncStream<Void>.makeStream()
        try await ScriptedServer.run { peer in
            _ = await peer.request()
            try await peer.write("HTTP/1.1 200 OK\r\n\r\nbegin")
            await peer.closed()
            closedIn.yield()
        } _: { endpoint in
            let answer = try await client.send("/", to: endpoint)
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) {
                        for try await _ in answer.body { beganIn.yield() }
                    }
                }
                await began.next()
                group.cancelAll()
            }
            await closed.next()
        }
    }

    @Test(arguments: [false, true])
    func `a body that is dropped closes the connection, begun or not`(isBegun: Bool) async throws {
        let (closed, closedIn) = AsyncStream<Void>.makeStream()
        try await ScriptedServer.run { peer in
            _ = await peer.request()
            try await peer.write("HTTP/1.1 200 OK\r\n\r\nbegin")
            await peer.closed()
            closedIn.yield()
        } _: { endpoint in
            do {
                let answer = try await client.send("/", to: endpoint)
                if isBegun {
                    var chunks = answer.body.makeAsyncIterator()
                    _ = try await chunks.next()
                }
            }
            await closed.next()
        }
    }

    @Test func `no answer waits for another to be read`() async throws {
        try await ScriptedServer.run { peer in
            _ = await peer.request()
            try await peer.write("HTTP/1.1 200 OK\r\n\r\nbegin")
            await peer.closed()
        } _: { endpoint in
            var answers: [HTTPAnswer] = []
            for _ in 0..<48 { answers.append(try await client.send("/", to: endpoint)) }
            for answer in answers {
                var chunks = answer.body.makeAsyncIterator()
                #expect(try await chunks.next().map { String(buffer: $0) } == "begin")
            }
        }
    }

    @Test func `a connection belongs to the event loop that its caller runs on`() async throws {
        try await ScriptedServer.run { peer in
            _ = await peer.request()
            try await peer.write("HTTP/1.1 200 OK\r\n\r\nbegin")
        } _: { endpoint in
            for _ in 0..<4 {
                let loop = MultiThreadedEventLoopGroup.singleton.next()
                try await withTaskExecutorPreference(LoopExecutor(loop)) {
                    let answer = try await client.send("/", to: endpoint)
                    #expect(answer.body.eventLoop === loop)
                    var chunks = answer.body.makeAsyncIterator()
                    _ = try await chunks.next()
                    #expect(MultiThreadedEventLoopGroup.currentEventLoop === loop)
                }
            }
        }
    }

    private final class LoopExecutor: TaskExecutor {
        let loop: any EventLoop
        init(_ loop: any EventLoop) { self.loop = loop }
        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }
}
