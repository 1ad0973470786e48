import CorralHTTP
import Testing

struct HTTPEndpointTests {
    @Test(arguments: [
        ("http://127.0.0.1:11435", "127.0.0.1", 11435, false, ""),
        ("http://example.org", "example.org", 80, false, ""),
        ("https://example.org/corral/", "example.org", 443, true, "/corral"),
        ("http://[::1]:8080", "::1", 8080, false, ""),
    ])
    func `a URL says where a server listens`(
        url: String,
        host: String,
        port: Int,
        isSecure: Bool,
        prefix: String
    ) throws {
        let endpoint = try HTTPEndpoint(url: url)
        #expect(endpoint.address == .host(host, port: port))
        #expect(endpoint.isSecure == isSecure)
        #expect(endpoint.pathPrefix == prefix)
    }

    @Test(arguments: ["", "127.0.0.1:1", "ftp://a", "http://", "no url at all"])
    func `what is no URL of a server is refused with an example`(text: String) {
        #expect {
            try HTTPEndpoint(url: text)
        } throws: {
            let error = $0 as? HTTPClientError
            return error?.code == .badURL && error?.message.contains("http://127.0.0.1") == true
        }
    }

    #if !TLS
    @Test func `without the trait, https is refused with what to do`() async throws {
        let endpoint = try HTTPEndpoint(url: "https://127.0.0.1:1")
        await #expect {
            try await HTTPClient().send("/", to: endpoint)
        } throws: {
            let error = $0 as? HTTPClientError
            return error?.code == .noTLS && error?.message.contains("--traits TLS") == true
        }
    }
    #endif
}
