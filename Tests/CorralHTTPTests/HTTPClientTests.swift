import CorralHTTP
import Foundation
import HTTPTypes
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(2)))
struct HTTPClientTests {
    private let client = HTTPClient()

    @Test func `a request arrives as it was given, with what its connection needs`() async throws {
        let (texts, textsIn) = AsyncStream<String>.makeStream()
        try await ScriptedServer.run { peer in
            textsIn.yield(await peer.request())
            try await peer.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-a: b\r\n\r\nhi")
        } _: { endpoint in
            let answer = try await client.send(
                "/path?a=b%20c",
                method: .post,
                headers: [.accept: "a/b", .connection: "keep-alive", .contentLength: "77"],
                body: ByteBuffer(string: "body"),
                to: endpoint
            )
            #expect(answer.status == .ok)
            #expect(answer.headers[.init("x-a")!] == "b")
            #expect(String(buffer: try await answer.body.collect(upTo: 100)) == "hi")
        }
        var iterator = texts.makeAsyncIterator()
        let text = try #require(await iterator.next())
        #expect(
            text == "POST /path?a=b%20c HTTP/1.1\r\nhost: localhost\r\naccept: a/b\r\n"
                + "content-length: 4\r\nconnection: close\r\n\r\nbody"
        )
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole", 200, "whole"),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nwh\r\n3\r\nole\r\n0\r\n\r\n",
            200, "whole"
        ),
        ("HTTP/1.1 200 OK\r\n\r\nwhole", 200, "whole"),
        ("HTTP/1.0 404 Not Found\r\n\r\nwhole", 404, "whole"),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole",
            200, "whole"
        ),
    ])
    func `a body ends where its framing says, in one piece or byte by byte`(
        sent: String,
        status: Int,
        text: String
    ) async throws {
        for isWhole in [true, false] {
            try await ScriptedServer.run { peer in
                _ = await peer.request()
                if isWhole {
                    try await peer.write(sent)
                } else {
                    for character in sent.unicodeScalars { try await peer.write(String(character)) }
                }
            } _: { endpoint in
                let answer = try await client.send("/", to: endpoint)
                #expect(answer.status.code == status)
                #expect(String(buffer: try await answer.body.collect(upTo: 100)) == text)
            }
        }
    }

    @Test func `the answer to HEAD has no body, whatever length it tells`() async throws {
        try await ScriptedServer.run { peer in
            _ = await peer.request()
            try await peer.write("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n")
            await peer.closed()
        } _: { endpoint in
            let answer = try await client.send("/", method: .head, to: endpoint)
            #expect(answer.headers[.contentLength] == "5000")
            #expect(try await answer.body.collect(upTo: 0).readableBytes == 0)
        }
    }

    @Test func `the head is there before the body is, and each chunk when it is sent`() async throws
    {
        let (steps, stepsIn) = AsyncStream<Void>.makeStream()
        try await ScriptedServer.run { peer in
            _ = await peer.request()
            try await peer.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            for await _ in steps { try await peer.write("3\r\none\r\n") }
            try await peer.write("0\r\n\r\n")
        } _: { endpoint in
            let answer = try await client.send("/", to: endpoint)
            var chunks = answer.body.makeAsyncIterator()
            for _ in 0..<5 {
                stepsIn.yield()
                #expect(try await chunks.next().map { String(buffer: $0) } == "one")
            }
            stepsIn.finish()
            #expect(try await chunks.next() == nil)
        }
    }

    @Test func `a large body passes whole in both directions`() async throws {
        let text = String(repeating: "0123456789abcdef", count: 1 << 18)
        try await ScriptedServer.run { peer in
            let request = await peer.request()
            let body = request.components(separatedBy: "\r\n\r\n").last ?? ""
            try await peer.write(
                "HTTP/1.1 200 OK\r\ncontent-length: \(body.utf8.count)\r\n\r\n" + body
            )
            // What the connection has not taken yet would be lost with it.
            await peer.closed()
        } _: { endpoint in
            let answer = try await client.send(
                "/",
                method: .post,
                body: ByteBuffer(string: text),
                to: endpoint
            )
            #expect(String(buffer: try await answer.body.collect(upTo: 1 << 23)) == text)
        }
    }

    @Test func `a body longer than is accepted is refused, not kept`() async throws {
        try await ScriptedServer.run { peer in
            _ = await peer.request()
            try await peer.write("HTTP/1.1 200 OK\r\n\r\n0123456789")
        } _: { endpoint in
            let answer = try await client.send("/", to: endpoint)
            await #expect { try await answer.body.collect(upTo: 9) } throws: {
                ($0 as? HTTPClientError)?.code == .bodyTooLarge
            }
        }
    }
}
