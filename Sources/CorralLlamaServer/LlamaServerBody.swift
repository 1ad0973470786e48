import AsyncHTTPClient
public import NIOCore

/// The body of a model's answer, in the chunks it comes in, read at the reader's pace.
public struct LlamaServerBody: AsyncSequence, Sendable {
    /// One chunk.
    public typealias Element = ByteBuffer

    private let chunks: HTTPClientResponse.Body
    private let model: LlamaServerModel

    init(_ chunks: HTTPClientResponse.Body, model: LlamaServerModel) {
        self.chunks = chunks
        self.model = model
    }

    /// Begins reading; a body can be read once.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(chunks: chunks.makeAsyncIterator(), model: model)
    }

    /// Reads a body.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var chunks: HTTPClientResponse.Body.AsyncIterator
        private let model: LlamaServerModel

        fileprivate init(
            chunks: HTTPClientResponse.Body.AsyncIterator,
            model: LlamaServerModel
        ) {
            self.chunks = chunks
            self.model = model
        }

        /// The next chunk; `nil` at the end.
        ///
        /// - Throws: ``LlamaServerError`` when the process ended before the body did.
        @concurrent
        public mutating func next() async throws -> ByteBuffer? {
            do {
                let chunk = try await chunks.next()
                if chunk == nil { model.noteAnswer() }
                return chunk
            } catch {
                throw await model.failure(error)
            }
        }
    }
}
