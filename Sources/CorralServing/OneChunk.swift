package import NIOCore

/// A body that is there already, as one chunk.
package struct OneChunk: AsyncSequence, Sendable {
    private let chunk: ByteBuffer

    /// Creates a body of `chunk`.
    package init(_ chunk: ByteBuffer) { self.chunk = chunk }

    package func makeAsyncIterator() -> Iterator { Iterator(chunk: chunk) }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate var chunk: ByteBuffer?

        package mutating func next() async throws -> ByteBuffer? { chunk.take() }
    }
}
