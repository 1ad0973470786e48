import NIOCore

/// Looks at an answer while it passes: when it began, how many chunks it had, and
/// what its end says.
///
/// It costs two retained buffers a chunk. Nothing is decoded until the end, and then
/// only the end.
struct AnswerMeter: Sendable {
    private let sinceRequest: Stopwatch
    private var firstEvent: Duration?
    private var chunks = 0
    /// The last chunks, the newest last: what is told at the end is followed by
    /// no more than one event.
    private var tail: (ByteBuffer, ByteBuffer) = (ByteBuffer(), ByteBuffer())

    /// - Parameter sinceRequest: Began when the request's head came.
    init(sinceRequest: Stopwatch) {
        self.sinceRequest = sinceRequest
    }

    /// A chunk of a streamed answer passes.
    mutating func pass(_ chunk: ByteBuffer) {
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
    func record(_ outcome: AnswerRecord.Outcome, whole: ByteBuffer? = nil) -> AnswerRecord {
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
