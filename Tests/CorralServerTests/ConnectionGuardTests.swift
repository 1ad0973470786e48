import CorralDialects
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import CorralServer

/// Clients that speak no HTTP, too slowly, or are too many, on real sockets.
@Suite(.timeLimit(.minutes(1))) struct ConnectionGuardTests {
    /// Sends `text`, reads to the end, and gives back status and error.
    private func refusal(
        _ fixture: Fixture,
        _ texts: [String],
        dialect: Dialect = .openAI
    ) async throws -> (status: String, head: String, code: String?) {
        nonisolated(unsafe) var result = (status: "", head: "", code: String?.none)
        try await fixture.withSocket { client in
            try await RawConnection.open(port: #require(client.port)) { raw in
                for text in texts { try await raw.send(text) }
                let answer = try await raw.readToEnd()
                result = try Self.parse(answer, dialect)
            }
        }
        return result
    }

    private static func parse(
        _ answer: String,
        _ dialect: Dialect
    ) throws -> (status: String, head: String, code: String?) {
        let parts = answer.components(separatedBy: "\r\n\r\n")
        try #require(parts.count == 2, "\(answer)")
        #expect(parts[0].lowercased().contains("content-type: application/json"))
        #expect(parts[0].lowercased().contains("connection: close"))
        let object = try JSONSerialization.jsonObject(with: Data(parts[1].utf8))
        let error = try #require((object as? [String: Any])?["error"] as? [String: Any])
        #expect((error["message"] as? String)?.isEmpty == false)
        let status = answer.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        let code = dialect == .anthropic ? error["type"] : error["code"]
        return (status, parts[0], code as? String)
    }

    @Test(arguments: [
        "hello\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "FROB / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n",
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ])
    func `what is no HTTP is a 400 in JSON`(text: String) async throws {
        let (status, _, code) = try await refusal(try Fixture(), [text])
        #expect(status == "400" && code == "malformed_request")
    }

    @Test func `it is one in Anthropic's words where the path is theirs`() async throws {
        let (status, _, code) = try await refusal(
            try Fixture(),
            [
                "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"
            ],
            dialect: .anthropic
        )
        #expect(status == "400" && code == "invalid_request_error")
    }

    @Test(arguments: ["x-large: \(String(repeating: "y", count: 70_000))", Self.manyHeaders])
    func `a head above the limit is a 431`(headers: String) async throws {
        let (status, _, code) = try await refusal(
            try Fixture(),
            ["GET /health HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n\r\n"]
        )
        #expect(status == "431" && code == "header_too_large")
    }

    private static let manyHeaders = (0..<300).map { "x-\($0): y" }.joined(separator: "\r\n")

    @Test func `a head below the limit is taken`() async throws {
        let fixture = try Fixture()
        try await fixture.withSocket { client async throws in
            let header = String(repeating: "y", count: 60_000)
            let name = try #require(HTTPField.Name("x-large"))
            #expect(try await client.get("/health", headers: [name: header]).status == .ok)
        }
    }

    @Test func `an answer under way is not cut short by what follows it`() async throws {
        let fixture = try Fixture()
        try await fixture.withSocket { client in
            try await RawConnection.open(port: #require(client.port)) { raw in
                try await raw.send(
                    "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nnonsense\r\n\r\n"
                )
                let answers = try await raw.readToEnd()
                #expect(answers.hasPrefix("HTTP/1.1 200"))
                #expect(answers.contains("{\"status\":\"ok\"}HTTP/1.1 400"))
            }
        }
    }

    @Test func `a request that asks for another protocol is answered in this one, and is the last`()
        async throws
    {
        let fixture = try Fixture()
        try await fixture.withSocket { client in
            try await RawConnection.open(port: #require(client.port)) { raw in
                let body = "{\"model\":\"tiny-chat\"}"
                try await raw.post(
                    "/v1/completions",
                    body,
                    headers: ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"]
                )
                let answer = try await raw.readToEnd()
                #expect(answer.hasPrefix("HTTP/1.1 200"))
                #expect(answer.lowercased().contains("connection: close"))
                #expect(answer.contains("\"asked\":\(body)"))
            }
        }
    }

    @Test func `one connection too many is told so, and the others are served`() async throws {
        var configuration = ServerConfiguration()
        // One is the test client's own.
        configuration.connectionLimit = 3
        let fixture = try Fixture(configuration: configuration)
        try await fixture.application.test(.live) { client in
            let port = try #require(client.port)
            let request = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
            try await RawConnection.open(port: port) { first in
                try await first.send(request)
                _ = try await first.read(until: "ok")
                try await RawConnection.open(port: port) { second in
                    try await second.send(request)
                    _ = try await second.read(until: "ok")
                    try await RawConnection.open(port: port) { third in
                        try await third.send(request)
                        let answer = try await third.readToEnd()
                        let refused = try Self.parse(answer, .openAI)
                        #expect(refused.status == "503" && refused.code == "too_many_connections")
                        #expect(refused.head.contains("etry-After: 1"))
                    }
                    try await first.send(request)
                    _ = try await first.read(until: "ok")
                }
            }
        }
    }

    @Test func `connections are counted until they close`() {
        let count = ConnectionCount(limit: 1)
        #expect(count.opened() == .served)
        for _ in 0..<ConnectionCount.courtesy { #expect(count.opened() == .refused) }
        #expect(count.opened() == .dropped)
        for _ in 0..<ConnectionCount.courtesy + 2 { count.closed() }
        #expect(count.count == 0)
        #expect(count.opened() == .served)
    }

    @Test func `a body that goes on after its refusal is read, up to the limit once more`()
        async throws
    {
        var configuration = ServerConfiguration()
        configuration.bodyLimit = 1 << 16
        let fixture = try Fixture(configuration: configuration)
        try await fixture.withSocket { client in
            let port = try #require(client.port)
            let head = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
            try await RawConnection.open(port: port) { raw in
                // As most clients do: all of the body, and only then the answer.
                try await raw.send(head + "100000\r\n\r\n")
                for _ in 0..<50 { try await raw.send(String(repeating: "x", count: 1000)) }
                _ = try await raw.read(until: "}}")
                for _ in 0..<50 { try await raw.send(String(repeating: "x", count: 1000)) }
                try await raw.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                _ = try await raw.read(until: "ok")
            }
            try await RawConnection.open(port: port) { raw in
                try await raw.send(head + "100000000\r\n\r\n")
                let chunk = String(repeating: "x", count: 10_000)
                // It ends by being cut off, not by having sent everything.
                await #expect(throws: (any Error).self) {
                    for _ in 0..<10_000 { try await raw.send(chunk) }
                }
            }
        }
    }
}
