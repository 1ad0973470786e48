/// An answer, piece by piece, as it is made.
///
/// ```swift
/// let reply = llama.reply(to: "Why do llamas hum?")
/// for try await piece in reply { print(piece, terminator: "") }
/// print(reply.summary?.usage.answerTokens ?? 0, "tokens")
/// ```
///
/// A piece is whole characters, usually a token's. The model waits for a reader that falls behind:
/// a few dozen pieces are made ahead. Cancelling the task that reads, or dropping the reply, ends the
/// work within one token. A reply is read once.
public struct Reply: AsyncSequence, Sendable {
    /// A piece of the answer.
    public typealias Element = String

    /// What reads fail with.
    public typealias Failure = any Error

    private let reader: Reader

    /// Makes an answer that nothing has been written to.
    ///
    /// - Returns: The answer, and what it is written through.
    static func make() -> (Reply, ReplyBuffer) {
        let buffer = ReplyBuffer()
        return (Reply(reader: Reader(buffer)), buffer)
    }

    /// What the answer came to; `nil` until it has ended.
    public var summary: ReplySummary? { reader.buffer.summary }

    /// Waits until the answer has begun, or ended, without reading it.
    ///
    /// - Throws: Why there is no answer at all, as where the prompt is too long.
    public func begun() async throws {
        await reader.buffer.begun.passed()
        if let failure = reader.buffer.failureBeforeAnswer { throw failure }
    }

    /// Ends the answer; whoever reads it gets `CancellationError`.
    public func cancel() { reader.buffer.cancel() }

    /// The whole answer.
    ///
    /// - Throws: ``LlamaError``, or `CancellationError`.
    public func text() async throws -> String {
        // Nobody has to wake up for each piece, which would take time from computing the next.
        reader.buffer.keepWhole()
        await withTaskCancellationHandler {
            await reader.buffer.ended.passed()
        } onCancel: {
            cancel()
        }
        var text = ""
        for try await piece in self { text += piece }
        try Task.checkCancellation()
        return text
    }

    /// Reads the pieces.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reader: reader) }

    /// Reads an answer.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let reader: Reader

        /// The next piece; `nil` at the end.
        ///
        /// - Throws: ``LlamaError``, or `CancellationError`.
        public mutating func next() async throws -> String? {
            let buffer = reader.buffer
            return try await withTaskCancellationHandler {
                try await buffer.next()
            } onCancel: {
                buffer.cancel()
            }
        }
    }

    /// Held by an answer and its iterators; the work ends with the last of them.
    fileprivate final class Reader: Sendable {
        let buffer: ReplyBuffer

        init(_ buffer: ReplyBuffer) { self.buffer = buffer }

        deinit { buffer.cancel() }
    }
}
