import CorralDialects
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import CorralServer

/// Who may ask: hosts, origins, keys.
@Suite struct AdmissionTests {
    private func request(
        host: String?,
        _ headers: HTTPFields = [:]
    ) -> Request {
        Request(
            head: HTTPRequest(
                method: .get,
                scheme: "http",
                authority: host,
                path: "/",
                headerFields: headers
            ),
            body: RequestBody(buffer: ByteBuffer())
        )
    }

    private func admits(host: String?, allowed: [String] = []) -> Bool {
        var configuration = ServerConfiguration()
        configuration.allowedHosts = allowed
        return (try? Admission(configuration).checkHost(request(host: host))) != nil
    }

    @Test(arguments: [
        "localhost", "LocalHost:11435", "a.localhost", "127.0.0.1", "127.0.0.1:80", "127.255.1.2:1",
        "[::1]", "[::1]:11435", "",
    ])
    func `a local host is served`(host: String) {
        #expect(admits(host: host))
    }

    @Test(arguments: [
        "evil.example", "evil.example:11435", "127.0.0.1.evil.example", "localhost.evil.example",
        "127.0.0", "127.0.0.256", "127.0.0.1.1", "128.0.0.1", "0.0.0.0", "[::]", "[::2]",
        "notlocalhost", "127.0.0.1@evil.example", "192.168.0.1", "::1",
    ])
    func `another host is not`(host: String) {
        #expect(!admits(host: host))
    }

    @Test func `a listed host is served, at any port or at its own`() {
        #expect(admits(host: "Box.lan:5", allowed: ["box.LAN"]))
        #expect(admits(host: "box.lan:5", allowed: ["box.lan:5"]))
        #expect(!admits(host: "box.lan:6", allowed: ["box.lan:5"]))
        #expect(!admits(host: "box.lan.evil.example", allowed: ["box.lan"]))
        #expect(admits(host: "anything", allowed: ["*"]))
    }

    @Test func `no host at all is no browser`() {
        #expect(admits(host: nil))
    }

    @Test func `two hosts are refused`() {
        let two = request(host: "localhost", [.host: "evil.example"])
        #expect(throws: RequestError.self) {
            try Admission(ServerConfiguration()).checkHost(two)
        }
    }

    private func check(_ origin: String, _ configuration: ServerConfiguration) -> (Bool, String?) {
        do {
            let granted = try Admission(configuration).checkOrigin(
                request(host: "localhost", [.origin: origin])
            )
            return (true, granted)
        } catch {
            return (false, nil)
        }
    }

    @Test(arguments: [
        ("http://localhost", true), ("https://localhost:3000", true), ("http://127.0.0.1:1", true),
        ("http://[::1]:8080", true), ("null", false), ("", false), ("https://evil.example", false),
        ("http://localhost.evil.example", false), ("http://evil.example/localhost", false),
        ("file://", false), ("app://localhost", false), ("localhost", false),
        ("http://localhost@evil.example", false),
    ])
    func `pages of this machine may ask`(origin: String, isAdmitted: Bool) {
        let (admitted, granted) = check(origin, ServerConfiguration())
        #expect(admitted == isAdmitted && granted == nil)
    }

    @Test func `listed pages may ask, and read where CORS is on for them`() {
        var configuration = ServerConfiguration()
        configuration.allowedOrigins = ["https://chat.example", "app://*"]
        configuration.corsOrigins = ["https://ui.example"]
        #expect(check("https://chat.example", configuration) == (true, nil))
        #expect(check("app://anything", configuration) == (true, nil))
        #expect(check("https://ui.example", configuration) == (true, "https://ui.example"))
        #expect(check("https://ui.example.evil", configuration) == (false, nil))
        configuration.allowedOrigins = ["*"]
        #expect(check("null", configuration) == (true, nil))
    }

    @Test func `any address is served where other machines may ask, and no other name`() throws {
        var configuration = ServerConfiguration()
        configuration.admitsAddresses = true
        let admission = Admission(configuration)
        for host in ["192.168.0.1", "10.0.0.2:11435", "[fd00::1]:11435", "[::ffff:10.0.0.2]"] {
            try admission.checkHost(request(host: host))
        }
        for host in ["evil.example", "10.0.0.2.evil.example", "[evil]", "[fd00::1", "1.2.3", ""]
        where !host.isEmpty {
            #expect(throws: RequestError.self) { try admission.checkHost(request(host: host)) }
        }
    }

    @Test func `a preflight is granted to listed origins alone`() async throws {
        var configuration = ServerConfiguration()
        configuration.corsOrigins = ["https://ui.example"]
        configuration.apiKeys = ["k"]
        let fixture = try Fixture(configuration: configuration)
        try await fixture.withClient { client in
            func preflight(_ origin: String) async throws -> TestResponse {
                try await client.executeRequest(
                    uri: "/v1/chat/completions",
                    method: .options,
                    headers: [
                        .origin: origin, .accessControlRequestMethod: "POST",
                        .accessControlRequestHeaders: "authorization,content-type",
                    ],
                    body: nil
                )
            }
            let granted = try await preflight("https://ui.example")
            #expect(granted.status == .noContent)
            #expect(granted.headers[.accessControlAllowOrigin] == "https://ui.example")
            #expect(granted.headers[.accessControlAllowMethods] == "OPTIONS, POST")
            #expect(granted.headers[.accessControlAllowHeaders] == "authorization,content-type")
            #expect(granted.headers[.vary] == "Origin")
            let local = try await preflight("http://localhost:3000")
            #expect(local.status == .noContent)
            #expect(local.headers[.accessControlAllowOrigin] == nil)
            #expect(try await preflight("https://evil.example").status == .forbidden)
            let answer = try await client.get(
                "/health",
                headers: [.origin: "https://ui.example"]
            )
            #expect(answer.headers[.accessControlAllowOrigin] == "https://ui.example")
        }
    }
}
