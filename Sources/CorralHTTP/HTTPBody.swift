package import NIOCore

/// The body of an answer, in the chunks it comes in, read once and at the reader's pace.
///
/// What the reader does not take is left with the server: only a few reads of the socket are held.
/// Dropping the body unread, or cancelling the task that reads it, closes the connection.
package struct HTTPBody: AsyncSequence, Sendable {
    package typealias Element = ByteBuffer
    package typealias Failure = any Error

    typealias Producer = NIOThrowingAsyncSequenceProducer<
        ByteBuffer, any Error, NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark,
        Delegate
    >

    /// Reading the socket stops when so many chunks wait for the reader, and goes on when few are
    /// left; a chunk is at most one read of the socket, 64 KiB.
    private static let watermarks = (low: 2, high: 16)

    private let chunks: Producer
    /// The event loop of the connection.
    let eventLoop: any EventLoop

    /// Makes a body and what writes into it.
    static func make(
        _ handler: NIOLoopBound<ExchangeHandler>,
        _ eventLoop: any EventLoop
    ) -> (HTTPBody, Producer.Source) {
        let made = Producer.makeSequence(
            elementType: ByteBuffer.self,
            failureType: (any Error).self,
            backPressureStrategy: .init(
                lowWatermark: watermarks.low,
                highWatermark: watermarks.high
            ),
            finishOnDeinit: false,
            delegate: Delegate(handler: handler, eventLoop: eventLoop)
        )
        return (HTTPBody(chunks: made.sequence, eventLoop: eventLoop), made.source)
    }

    /// Begins reading.
    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(chunks: chunks.makeAsyncIterator())
    }

    /// Reads a body.
    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let chunks: Producer.AsyncIterator

        /// The next chunk; `nil` at the end.
        ///
        /// - Throws: ``HTTPClientError`` where the body is not whole; `CancellationError`.
        @concurrent
        package mutating func next() async throws -> ByteBuffer? { try await chunks.next() }
    }

    /// Reads the whole body.
    ///
    /// - Throws: ``HTTPClientError/Code/bodyTooLarge`` where it has more than `limit` bytes.
    package func collect(upTo limit: Int) async throws -> ByteBuffer {
        var whole = ByteBuffer()
        for try await var chunk in self {
            guard whole.readableBytes + chunk.readableBytes <= limit else {
                throw HTTPClientError(.bodyTooLarge, "The answer has more than \(limit) bytes.")
            }
            whole.writeBuffer(&chunk)
        }
        return whole
    }

    /// Tells the connection's handler what the reader does.
    struct Delegate: NIOAsyncSequenceProducerDelegate {
        let handler: NIOLoopBound<ExchangeHandler>
        let eventLoop: any EventLoop

        func produceMore() {
            // The reader mostly runs on the connection's own event loop.
            if eventLoop.inEventLoop {
                handler.value.readMore()
            } else {
                eventLoop.execute { handler.value.readMore() }
            }
        }

        func didTerminate() { eventLoop.execute { handler.value.readerLeft() } }
    }
}
