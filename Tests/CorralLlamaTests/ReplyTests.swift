import Synchronization
import Testing

@testable import CorralLlama

@Suite(
    "An answer between the thread that makes it and the task that reads it",
    .timeLimit(.minutes(1))
)
struct ReplyTests {
    /// What a reader has asked of the work.
    private final class Calls: Sendable {
        let resumed = Atomic(0)
        let cancelled = Atomic(0)

        var work: ReplyBuffer.Work {
            ReplyBuffer.Work(
                resume: { self.resumed.add(1, ordering: .relaxed) },
                cancel: { self.cancelled.add(1, ordering: .relaxed) }
            )
        }
    }

    private let summary = ReplySummary(
        reason: .stop,
        usage: ReplySummary.Usage(promptTokens: 1, reusedTokens: 0, answerTokens: 2),
        timeToFirstToken: .zero,
        timeToAnswer: .zero,
        tokens: []
    )

    @Test("a reader that stops reading holds the work after a few dozen pieces, and none is lost")
    func backPressure() async throws {
        let (reply, buffer) = Reply.make()
        let calls = Calls()
        buffer.attach(calls.work)
        var written = 0
        while written < 1000 {
            written += 1
            if buffer.write("\(written) ") == .enough { break }
        }
        #expect(written == ReplyBuffer.highMark)

        var pieces = reply.makeAsyncIterator()
        var read = 0
        while calls.resumed.load(ordering: .relaxed) == 0, read < written {
            read += 1
            #expect(try await pieces.next() == "\(read) ")
        }
        #expect(read > written / 2 && read < written, "it goes on before the reader runs dry")
        #expect(buffer.write("last") == .more)
        buffer.finish(summary)
        var rest: [String] = []
        while let piece = try await pieces.next() { rest.append(piece) }
        #expect(rest.count == written - read + 1 && rest.last == "last")
        #expect(reply.summary == summary)
    }

    @Test("a reader that waits for each piece never holds the work")
    func inStep() async throws {
        let (reply, buffer) = Reply.make()
        let calls = Calls()
        buffer.attach(calls.work)
        for number in 0..<200 {
            var pieces = reply.makeAsyncIterator()
            async let piece = pieces.next()
            #expect(buffer.write("\(number)") == .more)
            #expect(try await piece == "\(number)")
        }
        #expect(calls.resumed.load(ordering: .relaxed) == 0)
    }

    @Test("who waits for the whole answer gets all of it, however long it is")
    func whole() async throws {
        let (reply, buffer) = Reply.make()
        let calls = Calls()
        buffer.attach(calls.work)
        for number in 0..<ReplyBuffer.highMark { _ = buffer.write("\(number % 10)") }
        async let text = reply.text()
        while calls.resumed.load(ordering: .relaxed) == 0 { await Task.yield() }
        for number in 0..<1000 { #expect(buffer.write("\(number % 10)") == .more) }
        buffer.finish(summary)
        #expect(try await text.count == ReplyBuffer.highMark + 1000)
    }

    @Test("a reply that is dropped calls the work off, one that has ended does not")
    func dropped() async throws {
        let calls = Calls()
        do {
            let (reply, buffer) = Reply.make()
            buffer.attach(calls.work)
            _ = buffer.write("a")
            for try await piece in reply {
                #expect(piece == "a")
                break
            }
        }
        #expect(calls.cancelled.load(ordering: .relaxed) == 1)
        do {
            let (reply, buffer) = Reply.make()
            buffer.attach(calls.work)
            buffer.finish(summary)
            #expect(try await reply.text() == "")
        }
        #expect(calls.cancelled.load(ordering: .relaxed) == 1)
    }

    @Test("a reply keeps nothing alive once it has ended, not even itself")
    func leak() async throws {
        weak var left: ReplyBuffer?
        do {
            let (reply, buffer) = Reply.make()
            left = buffer
            buffer.attach(
                ReplyBuffer.Work(resume: {}, cancel: { _ = buffer.summary })
            )
            buffer.finish(summary)
            _ = try await reply.text()
        }
        #expect(left == nil)
    }

    @Test("cancelling ends whoever reads, and what failed before any piece is told apart")
    func endings() async throws {
        let (reply, buffer) = Reply.make()
        _ = buffer.write("a")
        try await reply.begun()
        reply.cancel()
        await #expect(throws: CancellationError.self) { for try await _ in reply {} }
        #expect(reply.summary == nil)

        let (refused, other) = Reply.make()
        other.fail(LlamaError(.contextOverflow, "too long"))
        await #expect { try await refused.begun() } throws: {
            ($0 as? LlamaError)?.code == .contextOverflow
        }
    }
}
