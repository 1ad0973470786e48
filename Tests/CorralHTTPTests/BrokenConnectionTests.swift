import CorralHTTP
import HTTPTypes
import NIOCore
import Testing

/// Servers that are not there, end too early, never end, or speak something else.
@Suite(.timeLimit(.minutes(2)))
struct BrokenConnectionTests {
    private let client = HTTPClient(headLimit: 1000)

    private func code(
        _ endpoint: HTTPEndpoint,
        within limit: Duration? = nil
    ) async -> HTTPClientError.Code? {
        do {
            let answer = try await client.send("/", to: endpoint, within: limit)
            for try await _ in answer.body {}
            return nil
        } catch {
            return (error as? HTTPClientError)?.code
        }
    }

    @Test func `where nobody listens, the request was not delivered`() async throws {
        for endpoint in [
            HTTPEndpoint.unixSocket("/nonexistent/a.sock"),
            .unixSocket("/" + String(repeating: "a", count: 300)),
            .host("127.0.0.1", port: 1),
        ] {
            do {
                _ = try await client.send("/", to: endpoint)
                Issue.record("\(endpoint) answered")
            } catch let error as HTTPClientError {
                #expect(error.code == .unreachable)
                #expect(error.isBeforeDelivery)
                #expect(error.message.contains("\(endpoint)"))
            }
        }
    }

    @Test(arguments: [
        ("", HTTPClientError.Code.noAnswer),
        ("HTTP/1.1 200 OK\r\ncontent-le", .noAnswer),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ncut", .cutShort),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\ncut\r\n", .cutShort),
        ("SSH-2.0-OpenSSH_9.6\r\n", .malformed),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", .malformed),
    ])
    func `an answer that is not whole says how far it came`(
        sent: String,
        expected: HTTPClientError.Code
    ) async throws {
        try await ScriptedServer.run { peer in
            _ = await peer.request()
            try await peer.write(sent)
        } _: { endpoint in
            #expect(await code(endpoint) == expected)
        }
        #expect(!HTTPClientError(expected, "").isBeforeDelivery)
    }

    @Test(arguments: [
        "x-a: " + String(repeating: "a", count: 2000), String(repeating: "x-a: b\r\n", count: 300),
    ])
    func `a head that never ends is given up`(headers: String) async throws {
        try await ScriptedServer.run { peer in
            _ = await peer.request()
            try await peer.write("HTTP/1.1 200 OK\r\n" + headers)
            await peer.closed()
        } _: { endpoint in
            #expect(await code(endpoint) == .headTooLarge)
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 ", String(repeating: "O", count: 100)),
        ("", "HTTP/1.1 103 Early Hints\r\n\r\n"),
    ])
    func `a status line that never ends is given up, and so are hints without an answer`(
        begin: String,
        rest: String
    ) async throws {
        try await ScriptedServer.run { peer in
            _ = await peer.request()
            try await peer.write(begin)
            for _ in 0..<100 { try await peer.write(rest) }
            await peer.closed()
        } _: { endpoint in
            #expect(await code(endpoint) == .headTooLarge)
        }
    }

    @Test func `the limit of time holds before the head and in the middle of the body`()
        async throws
    {
        for head in ["", "HTTP/1.1 200 OK\r\n\r\nbegin"] {
            try await ScriptedServer.run { peer in
                _ = await peer.request()
                try await peer.write(head)
                await peer.closed()
            } _: { endpoint in
                #expect(await code(endpoint, within: .milliseconds(20)) == .deadlineExceeded)
            }
        }
    }

    @Test func `an answer within its time is not cut off by its limit`() async throws {
        try await ScriptedServer.run { peer in
            _ = await peer.request()
            try await peer.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
        } _: { endpoint in
            #expect(await code(endpoint, within: .seconds(60)) == nil)
        }
    }
}
