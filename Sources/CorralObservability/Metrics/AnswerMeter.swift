package import NIOCore

/// Looks at an answer while it passes: when it began, how many chunks it had, and
/// what its end says.
///
/// It costs two retained buffers a chunk. Nothing is decoded until the end, and then
/// only the end.
package struct AnswerMeter: Sendable {
    private let sinceRequest: Stopwatch
    private var firstEvent: Duration?
    private var chunks = 0
    /// The last chunks, the newest last: what is told at the end is followed by
    /// no more than one event.
    private var tail: (ByteBuffer, ByteBuffer) = (ByteBuffer(), ByteBuffer())

    /// - Parameter sinceRequest: Began when the request's head came.
    package init(sinceRequest: Stopwatch) {
        self.sinceRequest = sinceRequest
    }

    /// A chunk of a streamed answer passes.
    package mutating func pass(_ chunk: ByteBuffer) {
        if firstEvent == nil { firstEvent = sinceRequest.elapsed }
        chunks += 1
        tail = (tail.1, chunk)
    }

    /// The answer has ended.
    ///
    /// - Parameters:
    ///   - outcome: How.
    ///   - whole: All of it, where it was not streamed.
    /// - Returns: What can be said of it.
    package func record(_ outcome: AnswerRecord.Outcome, whole: ByteBuffer? = nil) -> AnswerRecord {
        let ends = whole.map { [$0] } ?? [tail.1, tail.0]
        return AnswerRecord(
            outcome: outcome,
            duration: sinceRequest.elapsed,
            firstEvent: firstEvent,
            chunks: chunks,
            tokens: ends.lazy.compactMap { TokenCounts(in: $0) }.first
        )
    }
}

/// One answer of a model, as it looked from here when it had ended.
package struct AnswerRecord: Hashable, Sendable {
    /// How it ended.
    package enum Outcome: String, Hashable, Sendable {
        /// The client has all of it.
        case complete
        /// The model ended first.
        case failed
        /// The client went away.
        case abandoned
    }

    package var outcome: Outcome

    /// From the request's head to the end of the answer.
    package var duration: Duration

    /// From the request's head to the first event; `nil` unless it was streamed.
    package var firstEvent: Duration?

    /// The chunks that were streamed.
    package var chunks = 0

    /// What the end of the answer told of tokens, where it told anything.
    package var tokens: TokenCounts?

    package init(
        outcome: Outcome,
        duration: Duration,
        firstEvent: Duration? = nil,
        chunks: Int = 0,
        tokens: TokenCounts? = nil
    ) {
        self.outcome = outcome
        self.duration = duration
        self.firstEvent = firstEvent
        self.chunks = chunks
        self.tokens = tokens
    }
}

/// Measures how long something takes.
package struct Stopwatch: Sendable {
    private let read: @Sendable () -> Duration

    package init(_ clock: any Clock<Duration>) {
        self.init(opened: clock)
    }

    private init<C: Clock>(opened clock: C) where C.Duration == Duration {
        let start = clock.now
        read = { start.duration(to: clock.now) }
    }

    package var elapsed: Duration { read() }
}
