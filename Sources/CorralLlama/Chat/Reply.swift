import Synchronization

/// An answer, piece by piece, as it is made.
///
/// ```swift
/// let reply = llama.reply(to: "Why do llamas hum?")
/// for try await piece in reply { print(piece, terminator: "") }
/// print(reply.summary?.usage.answerTokens ?? 0, "tokens")
/// ```
///
/// A piece is whole characters, usually a token's. Cancelling the task that reads, or dropping the
/// reply, ends the work within one token. A reply is read once.
public struct Reply: AsyncSequence, Sendable {
    /// A piece of the answer.
    public typealias Element = String

    /// What reads fail with.
    public typealias Failure = any Error

    private let stream: AsyncThrowingStream<String, any Error>
    private let record: Record

    /// What the answer came to; `nil` until it has ended.
    public var summary: ReplySummary? { record.value.withLock { $0 } }

    /// Waits until the answer has begun, or ended, without reading it.
    ///
    /// - Throws: Why there is no answer at all, as where the prompt is too long.
    public func begun() async throws {
        await record.begun.passed()
        if let failure = record.failure.withLock(\.self) { throw failure }
    }

    /// Ends the answer; whoever reads it gets `CancellationError`.
    public func cancel() {
        let end = record.end.withLock(\.self)
        end?()
    }

    /// The whole answer.
    ///
    /// - Throws: ``LlamaError``, or `CancellationError`.
    public func text() async throws -> String {
        // Nobody has to wake up for each piece, which would take time from computing the next.
        await withTaskCancellationHandler {
            await record.ended.passed()
        } onCancel: {
            cancel()
        }
        var text = ""
        for try await piece in self { text += piece }
        try Task.checkCancellation()
        return text
    }

    /// Reads the pieces.
    public func makeAsyncIterator() -> AsyncThrowingStream<String, any Error>.Iterator {
        stream.makeAsyncIterator()
    }

    final class Record: Sendable {
        let value = Mutex<ReplySummary?>(nil)
        let begun = Gate()
        let ended = Gate()
        /// What failed before the answer had begun.
        let failure = Mutex<(any Error)?>(nil)
        /// Ends the work.
        let end = Mutex<(@Sendable () -> Void)?>(nil)
    }

    /// Where an answer is written to.
    struct Writer: Sendable {
        fileprivate let continuation: AsyncThrowingStream<String, any Error>.Continuation
        fileprivate let record: Record

        func write(_ piece: String) {
            continuation.yield(piece)
            record.begun.open()
        }

        func finish(_ summary: ReplySummary) {
            record.value.withLock { $0 = summary }
            continuation.finish()
            record.begun.open()
            record.ended.open()
        }

        func fail(_ error: any Error) {
            if !record.begun.isOpen { record.failure.withLock { $0 = error } }
            continuation.finish(throwing: error)
            record.begun.open()
            record.ended.open()
        }

        /// Has `action` run when nobody reads any more.
        func onEnd(_ action: @escaping @Sendable () -> Void) {
            record.end.withLock { end in
                end = {
                    action()
                    fail(CancellationError())
                }
            }
            continuation.onTermination = { reason in
                guard case .cancelled = reason else { return }
                action()
                record.begun.open()
                record.ended.open()
            }
        }
    }

    static func make() -> (Reply, Writer) {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: String.self)
        let record = Record()
        return (
            Reply(stream: stream, record: record),
            Writer(continuation: continuation, record: record)
        )
    }
}

/// What an answer came to.
public struct ReplySummary: Hashable, Sendable {
    /// Why an answer ended.
    public enum Reason: String, Hashable, Sendable {
        /// The model ended it, or one of the stops did.
        case stop
        /// It reached the most tokens it was allowed.
        case length
        /// It reached the end of the context.
        case contextFull
    }

    /// The tokens of a request.
    public struct Usage: Hashable, Sendable {
        /// The tokens of the prompt.
        public var promptTokens: Int
        /// Those of them that were not computed, being known from before.
        public var reusedTokens: Int
        /// The tokens chosen for the answer, the one that ended it included, as llama-server counts.
        public var answerTokens: Int
    }

    /// Why the answer ended.
    public var reason: Reason

    /// The tokens of the request.
    public var usage: Usage

    /// From the request to the first token: the prompt's time, waiting included.
    public var timeToFirstToken: Duration

    /// From the first token to the end.
    public var timeToAnswer: Duration

    /// The answer's tokens by their numbers in the model's vocabulary, without the one that ended it.
    public var tokens: [Int32]
}
