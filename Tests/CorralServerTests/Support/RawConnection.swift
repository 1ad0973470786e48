import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A connection whose every byte the test decides.
struct RawConnection {
    /// How a client may leave.
    enum Departure: CaseIterable, Sendable {
        case close, halfClose, reset
    }

    let channel: any Channel
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private(set) var received = ""

    /// Connects to `port`, runs `body`, and closes.
    ///
    /// - Parameters:
    ///   - port: Where the server listens.
    ///   - receiveBuffer: How much the system takes in before `body` reads, in
    ///     bytes; as much as it likes when `nil`.
    ///   - body: Talks to the server.
    /// - Throws: What `body` throws, and when nobody listens.
    static func open(
        port: Int,
        receiveBuffer: Int? = nil,
        _ body: (inout RawConnection) async throws -> Void
    ) async throws {
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(
                .socketOption(.so_rcvbuf),
                value: SocketOptionValue(receiveBuffer)
            )
        }
        let connection = try await bootstrap.connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(isOutboundHalfClosureEnabled: true)
                )
            }
        }
        try await connection.executeThenClose { inbound, outbound in
            var raw = RawConnection(
                channel: connection.channel,
                outbound: outbound,
                inbound: inbound.makeAsyncIterator()
            )
            try await body(&raw)
        }
    }

    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    /// Sends a request with a body.
    func post(_ path: String, _ body: String, headers: [String] = []) async throws {
        let lines =
            ["POST \(path) HTTP/1.1", "Host: localhost", "Content-Length: \(body.utf8.count)"]
            + headers
        try await send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    /// Reads until `text` has come since the last call; all that came until then.
    mutating func read(until text: String) async throws -> String {
        while !received.contains(text) {
            guard let chunk = try await inbound.next(isolation: #isolation) else {
                throw EndOfInput(after: received)
            }
            received += String(buffer: chunk)
        }
        defer { received = "" }
        return received
    }

    /// Reads until the server closes.
    mutating func readToEnd() async throws -> String {
        while let chunk = try await inbound.next(isolation: #isolation) {
            received += String(buffer: chunk)
        }
        defer { received = "" }
        return received
    }

    func leave(_ departure: Departure) async throws {
        switch departure {
        case .close: try await channel.close()
        case .halfClose: try await channel.close(mode: .output)
        case .reset:
            // Without lingering, closing resets the connection.
            let provider = channel as? any SocketOptionProvider
            try await provider?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            try await channel.close()
        }
    }

    struct EndOfInput: Error {
        var after: String
    }
}
