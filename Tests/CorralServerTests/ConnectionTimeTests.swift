import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import CorralServer

/// How long clients may take, on a clock of the test's own.
@Suite struct ConnectionTimeTests {
    private static let get = HTTPRequest(
        method: .get,
        scheme: "http",
        authority: "localhost",
        path: "/health"
    )
    private static let post = HTTPRequest(
        method: .post,
        scheme: "http",
        authority: "localhost",
        path: "/v1/completions"
    )

    private let configuration = ServerConfiguration()

    private func connect() throws -> EmbeddedChannel {
        var generator = SystemRandomNumberGenerator()
        let channel = EmbeddedChannel(
            handler: ConnectionGuard(
                configuration,
                ConnectionCount(limit: 1),
                RequestIDs(using: &generator)
            )
        )
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
        return channel
    }

    /// The status of an answer that was written, if one was.
    private func status(_ channel: EmbeddedChannel) throws -> HTTPResponse.Status? {
        guard case .head(let head)? = try channel.readOutbound(as: HTTPResponsePart.self) else {
            return nil
        }
        return head.status
    }

    private func wait(_ duration: Duration, less: TimeAmount = .zero, _ channel: EmbeddedChannel) {
        channel.embeddedEventLoop.advanceTime(by: TimeAmount(duration) - less)
    }

    @Test func `a head that does not come is a 408, and not before its time`() throws {
        let channel = try connect()
        // Bytes that make no part of a request complete.
        channel.pipeline.fireChannelReadComplete()
        wait(configuration.headTimeout, less: .milliseconds(1), channel)
        #expect(try status(channel) == nil)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(try status(channel) == .requestTimeout)
    }

    @Test func `a body that pauses is a 408, and one that goes on is not`() throws {
        let channel = try connect()
        try channel.writeInbound(HTTPRequestPart.head(Self.post))
        for _ in 0..<3 {
            wait(configuration.bodyTimeout, less: .milliseconds(1), channel)
            let bytes = ByteBuffer(repeating: 0x20, count: 100_000)
            try channel.writeInbound(HTTPRequestPart.body(bytes))
            #expect(try status(channel) == nil)
        }
        wait(configuration.bodyTimeout, channel)
        #expect(try status(channel) == .requestTimeout)
    }

    @Test func `a body that drips is a 408 though it never pauses`() throws {
        let channel = try connect()
        try channel.writeInbound(HTTPRequestPart.head(Self.post))
        var elapsed = Duration.zero
        while elapsed < configuration.bodyTimeout * 2, channel.isActive {
            try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(string: "x")))
            wait(.seconds(1), channel)
            elapsed += .seconds(1)
            if let status = try status(channel) {
                #expect(status == .requestTimeout)
                #expect(elapsed >= configuration.bodyTimeout)
                return
            }
        }
        Issue.record("the body was waited for")
    }

    @Test func `a client that says nothing is closed without a word, and not while it is answered`()
        throws
    {
        let channel = try connect()
        try channel.writeInbound(HTTPRequestPart.head(Self.get))
        try channel.writeInbound(HTTPRequestPart.end(nil))
        wait(configuration.idleTimeout * 10, channel)
        #expect(channel.isActive)
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok)))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
        #expect(try status(channel) == .ok)
        _ = try channel.readOutbound(as: HTTPResponsePart.self)
        wait(configuration.idleTimeout, less: .milliseconds(1), channel)
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!channel.isActive)
        #expect(try channel.readOutbound(as: HTTPResponsePart.self) == nil)
    }

    @Test func `a client that leaves its answer unread is closed, unless it reads on in time`()
        throws
    {
        let loop = EmbeddedEventLoop()
        let channel = EmbeddedChannel(
            handler: PresenceHandler(
                ClientPresence(on: loop),
                stallTimeout: configuration.stallTimeout
            ),
            loop: loop
        )
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
        func become(writable: Bool) {
            channel.isWritable = writable
            channel.pipeline.fireChannelWritabilityChanged()
        }
        become(writable: false)
        wait(configuration.stallTimeout, less: .milliseconds(1), channel)
        become(writable: true)
        wait(configuration.stallTimeout, channel)
        #expect(channel.isActive)
        become(writable: false)
        wait(configuration.stallTimeout, channel)
        #expect(!channel.isActive)
    }
}
