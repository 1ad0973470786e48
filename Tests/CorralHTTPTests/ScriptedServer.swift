import CorralHTTP
import Foundation
import NIOCore
import NIOPosix

/// A server at a unix domain socket that does on each connection what a test says, byte by byte.
enum ScriptedServer {
    /// One connection, as the script sees it.
    struct Peer: Sendable {
        fileprivate let chunks: AsyncStream<ByteBuffer>
        fileprivate let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

        /// Reads a request: its head, and as much of a body as that promises.
        func request() async -> String {
            var text = ""
            for await chunk in chunks {
                text += String(buffer: chunk)
                guard let end = text.range(of: "\r\n\r\n") else { continue }
                let length =
                    text[..<end.lowerBound].lowercased().components(separatedBy: "\r\n")
                    .first { $0.hasPrefix("content-length: ") }
                    .flatMap { Int($0.dropFirst(16)) } ?? 0
                if text[end.upperBound...].utf8.count >= length { break }
            }
            return text
        }

        /// Sends bytes, once the connection takes them.
        func write(_ text: String) async throws {
            try await outbound.write(ByteBuffer(string: text))
        }

        /// Returns when the client has closed the connection.
        func closed() async { for await _ in chunks {} }
    }

    /// Runs a server while `body` runs.
    ///
    /// - Parameters:
    ///   - script: What is done on each connection, which is closed when this returns.
    ///   - body: Asks the server.
    /// - Throws: What `body` throws, or where no socket can be made.
    static func run(
        _ script: @escaping @Sendable (Peer) async throws -> Void,
        _ body: (HTTPEndpoint) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "corral-http-\(UInt32.random(in: 0 ... .max)).sock").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            // Nothing is read before somebody listens.
            .childChannelOption(.autoRead, value: false)
            .bind(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeSucceededFuture(channel)
            }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.executeThenClose { clients in
                    await withDiscardingTaskGroup { connections in
                        do {
                            for try await client in clients {
                                connections.addTask {
                                    // A connection that the client ends is none of a script's faults.
                                    try? await serve(client, script)
                                }
                            }
                        } catch {}
                    }
                }
            }
            try await body(.unixSocket(path))
            group.cancelAll()
        }
    }

    private static func serve(
        _ channel: any Channel,
        _ script: @escaping @Sendable (Peer) async throws -> Void
    ) async throws {
        let (chunks, chunksIn) = AsyncStream<ByteBuffer>.makeStream()
        let client = try await channel.eventLoop.submit {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }.get()
        try? await channel.setOption(.autoRead, value: true).get()
        try await client.executeThenClose { inbound, outbound in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { chunksIn.finish() }
                    for try await chunk in inbound { chunksIn.yield(chunk) }
                }
                try await script(Peer(chunks: chunks, outbound: outbound))
                group.cancelAll()
            }
        }
    }
}

extension AsyncStream<Void> {
    /// Waits for the next element.
    func next() async {
        var iterator = makeAsyncIterator()
        _ = await iterator.next()
    }
}
