import NIOCore
import NIOEmbedded
import NIOHTTP1
import Synchronization
import Testing

@testable import CorralHTTP

struct BackPressureTests {
    /// Counts the reads that reach the socket.
    private final class ReadCounter: ChannelOutboundHandler, Sendable {
        typealias OutboundIn = ByteBuffer
        let count = Atomic(0)
        func read(context: ChannelHandlerContext) {
            count.add(1, ordering: .relaxed)
            context.read()
        }
    }

    private let readSize = 1 << 16

    /// Reads as a socket would: once for each time that is asked for.
    ///
    /// - Returns: The bytes read before no more was asked for, or 64 MiB.
    private func fill(
        _ channel: NIOAsyncTestingChannel,
        _ counter: ReadCounter
    ) async throws -> Int {
        var bytes = 0
        while bytes < 64 << 20 {
            let before = counter.count.load(ordering: .relaxed)
            try await channel.testingEventLoop.executeInContext { channel.read() }
            guard counter.count.load(ordering: .relaxed) > before else { break }
            try await channel.writeInbound(ByteBuffer(repeating: 1, count: readSize))
            bytes += readSize
        }
        return bytes
    }

    @Test func `a reader that stops reading stops the socket within two megabytes`() async throws {
        let channel = NIOAsyncTestingChannel()
        let counter = ReadCounter()
        let answer = channel.eventLoop.makePromise(of: HTTPAnswer.self)
        try await channel.testingEventLoop.executeInContext {
            let bound = HeadBound(1 << 16)
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(counter)
            try pipeline.addHandler(bound)
            try pipeline.addHandler(HTTPRequestEncoder())
            try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder()))
            let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
            try pipeline.addHandler(
                ExchangeHandler(head, ByteBuffer(), bound) { answer.completeWith($0) }
            )
        }
        try await channel.writeInbound(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n"))
        let body = try await answer.futureResult.get().body

        let held = try await fill(channel, counter)
        #expect(held > 0 && held <= 2 << 20)

        // Whoever reads again gets all that was held, and the socket is read once more.
        var chunks = body.makeAsyncIterator()
        var read = 0
        while read < held { read += try await chunks.next()?.readableBytes ?? 0 }
        await channel.testingEventLoop.run()
        #expect(read == held)
        let more = try await fill(channel, counter)
        #expect(more > 0 && more <= 2 << 20)
        _ = try? await channel.finish()
    }
}
