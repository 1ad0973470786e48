import CorralCache
public import CorralServing
public import CorralTesting
import HTTPTypes
import NIOCore
import Synchronization

/// A fake model answers every request with one sentence, or with pieces as a test gives them out.
extension FakeModel: ServedModel {
    /// Answers with one sentence, or with the pieces a test gives out.
    public func respond(to request: UpstreamRequest) async throws -> UpstreamResponse {
        if let pieces = Pieces.waiting.withLock({ $0.removeValue(forKey: id.path) }) {
            return UpstreamResponse(
                status: .ok,
                headers: [.contentType: "text/event-stream"],
                body: pieces
            )
        }
        let text = #"{"choices": [{"message": {"role": "assistant", "content": "Hello."}}]}"#
        return UpstreamResponse(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: OneChunk(ByteBuffer(string: text))
        )
    }
}

/// Pieces of an answer that a test gives out one by one.
enum Pieces {
    /// The next answer of each model, by its path.
    static let waiting = Mutex<[String: AsyncThrowingStream<ByteBuffer, any Error>]>([:])

    /// Makes the next answer of a model one of pieces.
    ///
    /// - Returns: Gives them out.
    static func next(of path: String) -> AsyncThrowingStream<ByteBuffer, any Error>.Continuation {
        let (stream, continuation) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
        waiting.withLock { $0[path] = stream }
        return continuation
    }
}
