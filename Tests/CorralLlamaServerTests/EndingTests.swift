import CorralCache
import CorralMemory
import CorralServing
import CorralTesting
import Foundation
import HTTPTypes
import Logging
import NIOCore
import Testing

@testable import CorralLlamaServer

/// Processes that end: told to, by themselves, or with the daemon.
@Suite(.timeLimit(.minutes(4)), .enabled(if: FakeServer.isPossible, "needs /usr/bin/env"))
struct EndingTests {
    @Test func `an unloaded process is reaped, says nothing, and answers nobody`() async throws {
        let fake = try FakeServer("serves")
        let model = try await fake.load()
        let pid = try #require(model.processID)
        await fake.engine.unload(model)
        #expect(!isInTable(pid))
        #expect(model.processID == nil)
        do {
            _ = try await model.ask("/echo", "x")
            Issue.record("it answered")
        } catch let error as ServedModelError {
            #expect(error.code == .notDelivered)
            #expect(error.message.contains("was unloaded"))
        }
        #expect(!FileManager.default.fileExists(atPath: model.socket))
        await fake.engine.unload(model)
        await fake.engine.shutdown()
    }

    @Test func `a process that ignores being told is killed at the limit, not before`() async throws
    {
        let clock = ManualClock()
        let fake = try FakeServer("ignores", clock: clock, stopLimit: .seconds(9))
        let model = try await fake.load()
        let pid = try #require(model.processID)
        async let unloaded: Void = fake.engine.unload(model)
        await clock.sleepers()
        clock.advance(by: .seconds(8))
        #expect(isAlive(pid))
        clock.advance(by: .seconds(1))
        await unloaded
        #expect(!isInTable(pid))
        await fake.engine.shutdown()
    }

    @Test func `a request under way when its model is unloaded is told so`() async throws {
        let fake = try FakeServer("serves")
        let model = try await fake.load()
        let answer = try await model.begin("/endless", "")
        var chunks = answer.body.makeAsyncIterator()
        _ = try await chunks.next()
        await fake.engine.unload(model)
        do {
            while try await chunks.next() != nil {}
            Issue.record("the answer ended as if it were whole")
        } catch let error as ServedModelError {
            #expect(error.code == .ended)
            #expect(error.message.contains("was unloaded"))
        }
        await fake.engine.shutdown()
    }

    @Test func `a crash is reported once the process is reaped, with its signal and last line`()
        async throws
    {
        let fake = try FakeServer("serves")
        let model = try await fake.load()
        let pid = try #require(model.processID)
        do {
            _ = try await model.ask("/segfault")
            Issue.record("it answered")
        } catch let error as ServedModelError {
            #expect(error.code == .ended)
            #expect(error.message.contains("segmentation fault"))
            #expect(error.message.contains("something broke"))
        }
        let sentence = try #require(await fake.events.exit())
        #expect(sentence.contains("signal 11") && sentence.contains("something broke"))
        #expect(!isInTable(pid))
        await fake.engine.unload(model)
        await fake.engine.shutdown()
    }

    @Test func `a crash in mid-answer ends the answer with an error, not as if it were whole`()
        async throws
    {
        let fake = try FakeServer("serves")
        let steps = try Fifo(fake.folder.appending(path: "steps").path)
        let model = try await fake.load()
        let answer = try await model.begin("/cut", "")
        #expect(answer.status == .ok)
        var chunks = answer.body.makeAsyncIterator()
        let first = try await chunks.next()
        #expect(first.map { String(buffer: $0) } == "first")
        try steps.write("")
        do {
            while try await chunks.next() != nil {}
            Issue.record("the answer ended as if it were whole")
        } catch let error as ServedModelError {
            #expect(error.code == .ended)
            #expect(error.message.contains("signal 9"))
        }
        await fake.engine.shutdown()
    }

    @Test func `shutting down ends processes that were never unloaded`() async throws {
        let fake = try FakeServer("serves")
        let models = [try await fake.load(), try await fake.load(), try await fake.load()]
        let processes = models.compactMap(\.processID)
        #expect(Set(processes).count == 3)
        await fake.engine.shutdown()
        for pid in processes { #expect(!isInTable(pid)) }
        let folder = URL(filePath: models[0].socket).deletingLastPathComponent().path
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test func `a process has a group of its own and no descriptor of another's`() async throws {
        let fake = try FakeServer("serves")
        let models = [try await fake.load(), try await fake.load()]
        for pid in models.compactMap(\.processID) {
            #expect(getpgid(pid) == pid)
            #if os(Linux)
            // Input, outputs, and what its own Python opened: a listening socket.
            let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")
            let pipes = try open.filter { name in
                try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\(name)")
                    .hasPrefix("pipe:")
            }
            #expect(pipes.sorted() == ["0", "1", "2"])
            #endif
        }
        await fake.engine.shutdown()
    }

    @Test func `a process that lives is told from one that has ended`() async throws {
        let clock = ManualClock()
        let fake = try FakeServer("serves", clock: clock)
        let model = try await fake.load()
        let pid = try #require(model.processID)
        #expect(!SystemProcess.hasEnded(pid))
        async let end = model.child.end(within: .seconds(2), clock: Timeline(clock))
        await clock.sleepers()
        clock.advance(by: .seconds(2))
        #expect(await end == nil)
        await fake.engine.unload(model)
        #expect(SystemProcess.hasEnded(pid))
        #expect(await model.child.end(within: .zero, clock: Timeline(clock))?.wasAsked == true)
        await fake.engine.shutdown()
    }

    @Test func `whoever waits for an end may ask for more in the very moment it comes`() async {
        let child = ChildProcess(
            Launch(program: "/nonexistent", arguments: [], environment: [:]),
            socket: "/nonexistent/a.sock",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            progress: { _ in }
        )
        child.order(.terminate)
        // Runs as far as it can at once, on the thread that wakes it: under a lock, it would wait
        // for itself.
        let waiting = Task(executorPreference: InlineExecutor()) {
            let end = await child.ended.value()
            return (end, child.recentLines, child.isAsked)
        }
        await child.run(under: ProcessGuard(folder: "/nonexistent", logger: Logger(label: "test")))
        let (end, lines, isAsked) = await waiting.value
        #expect(end.wasAsked && isAsked)
        #expect(lines == [])
    }

    /// Runs each job where it is handed in.
    private final class InlineExecutor: TaskExecutor {
        func enqueue(_ job: consuming ExecutorJob) {
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
