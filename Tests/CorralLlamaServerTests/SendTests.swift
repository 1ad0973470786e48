import CorralMemory
import CorralServing
import Foundation
import HTTPTypes
import NIOCore
import Testing

@testable import CorralLlamaServer

/// Requests to a process, over its socket.
@Suite(.timeLimit(.minutes(4)), .enabled(if: FakeServer.isPossible, "needs /usr/bin/env"))
struct SendTests {
    private func with(
        _ body: (FakeServer, LlamaServerModel) async throws -> Void
    ) async throws {
        let fake = try FakeServer("serves")
        let model = try await fake.load()
        try await body(fake, model)
        await fake.engine.unload(model)
        await fake.engine.shutdown()
    }

    @Test func `method, path and query arrive as they were sent`() async throws {
        try await with { _, model in
            let (status, text) = try await model.ask("/head", "{}", headers: [.accept: "a/b"])
            #expect(status == 200)
            #expect(text.hasPrefix("POST /head HTTP/1.1\r\n"))
            #expect(text.lowercased().contains("content-type: application/json\r\n"))
            #expect(text.lowercased().contains("accept: a/b"))
            #expect(try await model.ask("/other?a=b%20c").status == 404)
        }
    }

    @Test func `an answer that is no success is an answer`() async throws {
        try await with { _, model in
            #expect(try await model.ask("/nowhere") == (404, "{}"))
            let answer = try await model.begin("/redirect")
            #expect(answer.status.code == 302, "and is not followed")
            for try await _ in answer.body {}
        }
    }

    @Test func `no request meets a connection that the process is about to close`() async throws {
        try await with { _, model in
            let head = try await model.ask("/head", "{}").text.lowercased()
            #expect(head.contains("\r\nconnection: close"))
            for _ in 0..<100 {
                let answer = try await model.ask("/leaves")
                #expect(answer == (200, "bye"))
            }
        }
    }

    @Test func `a large body arrives whole`() async throws {
        try await with { _, model in
            let text = String(repeating: "0123456789abcdef", count: 1 << 16)
            let answer = try await model.ask("/echo", text)
            #expect(answer == (200, text))
        }
    }

    @Test func `each chunk comes when it is sent, not when the answer ends`() async throws {
        try await with { fake, model in
            let steps = try Fifo(fake.folder.appending(path: "steps").path)
            let answer = try await model.begin("/steps", "")
            var chunks = answer.body.makeAsyncIterator()
            for step in ["one\n", "two\n", "three\n"] {
                try steps.write(step)
                let chunk = try await chunks.next()
                #expect(chunk.map { String(buffer: $0) } == step)
            }
            steps.close()
            #expect(try await chunks.next() == nil)
        }
    }

    @Test func `48 answers at once do not wait for each other`() async throws {
        try await with { _, model in
            // All are begun before any is read: a pool that holds some back would never end.
            var bodies: [LlamaServerBody] = []
            for _ in 0..<48 { bodies.append(try await model.begin("/endless", "").body) }
            for body in bodies {
                var chunks = body.makeAsyncIterator()
                #expect(try await chunks.next()?.readableBytes ?? 0 > 0)
            }
        }
    }

    @Test func `a body that is dropped unread ends the work`() async throws {
        try await with { fake, model in
            let gone = try Fifo(fake.folder.appending(path: "gone").path)
            do {
                let answer = try await model.begin("/endless", "")
                #expect(answer.status == .ok)
            }
            #expect(await gone.read() == "gone\n")
        }
    }

    @Test func `cancelling who reads ends the work`() async throws {
        try await with { fake, model in
            let gone = try Fifo(fake.folder.appending(path: "gone").path)
            let body = try await model.begin("/endless", "").body
            let (began, beganIn) = AsyncStream<Void>.makeStream()
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    do {
                        for try await _ in body { beganIn.yield() }
                        Issue.record("an endless answer ended")
                    } catch {
                        #expect(error is CancellationError)
                    }
                }
                for await _ in began { break }
                group.cancelAll()
            }
            #expect(await gone.read() == "gone\n")
        }
    }

    @Test func `cancelling who waits for the head ends the work`() async throws {
        try await with { fake, model in
            let asked = try Fifo(fake.folder.appending(path: "asked").path)
            let gone = try Fifo(fake.folder.appending(path: "gone").path)
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) {
                        try await model.ask("/waits", "{}")
                    }
                }
                #expect(await asked.read() == "asked\n")
                group.cancelAll()
            }
            #expect(await gone.read() == "gone\n")
        }
    }
}
