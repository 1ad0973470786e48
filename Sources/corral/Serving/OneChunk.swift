import NIOCore

/// A body that is there already.
struct OneChunk: AsyncSequence, Sendable {
    private let chunk: ByteBuffer

    init(_ chunk: ByteBuffer) { self.chunk = chunk }

    func makeAsyncIterator() -> Iterator { Iterator(chunk: chunk) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var chunk: ByteBuffer?

        mutating func next() async throws -> ByteBuffer? { chunk.take() }
    }
}
