import Foundation
import Testing

@testable import CorralDaemon

@Suite struct AddressTests {
    @Test(
        arguments: [
            ("127.0.0.1", "http", "127.0.0.1", nil), ("localhost:80", "http", "localhost", 80),
            ("http://box:11435/", "http", "box", 11435), ("https://box", "https", "box", nil),
            ("[::1]", "http", "::1", nil), ("[::1]:8080", "http", "::1", 8080),
            ("::1", "http", "::1", nil), ("fe80::1%eth0", "http", "fe80::1%eth0", nil),
            ("box:0", "http", "box", 0),
        ] as [(String, String, String, Int?)]
    )
    func `an address is read as people write it`(
        text: String,
        scheme: String,
        host: String,
        port: Int?
    ) throws {
        let address = try #require(Address(parsing: text))
        #expect(address.scheme == scheme && address.host == host && address.port == port)
    }

    @Test(arguments: [
        "", ":80", "box:", "box:x", "box:65536", "box:-1", "http://", "http://box/path", "[::1",
        "[::1]x", "two words", "user@box", "box?x", "box#x",
    ])
    func `a text that is no address is none`(text: String) {
        #expect(Address(parsing: text) == nil)
    }

    @Test func `an address written as a URL is read as the same address`() throws {
        for text in ["127.0.0.1:1", "[::1]:8080", "https://box:7"] {
            let address = try #require(Address(parsing: text))
            #expect(Address(parsing: address.url) == address)
        }
        #expect(Address(host: "::1", port: 5).url == "http://[::1]:5")
        #expect(Address(parsing: "box")?.url(standardPort: 9) == "http://box:9")
    }

    // MARK: Folders of the environment

    @Test func `folders follow the variables, and relative ones are ignored`() {
        let plain = UserEnvironment(variables: ["HOME": "/home/me"])
        #expect(plain.configurationFile == "/home/me/.config/corral/config.yaml")
        #expect(plain.keysFile == "/home/me/.config/corral/keys.yaml")
        #expect(plain.stateFolder == "/home/me/.local/state/corral")
        #expect(
            plain.modelFolders
                == ["/home/me/.cache/corral/models", "/home/me/.local/share/corral/models"]
        )
        let set = UserEnvironment(variables: [
            "HOME": "/home/me", "XDG_CONFIG_HOME": "/c", "XDG_CACHE_HOME": "relative",
            "CORRAL_CACHE": "/cache",
        ])
        #expect(set.configurationFolder == "/c/corral")
        #expect(set.cacheFolder == "/cache")
        let relative = UserEnvironment(variables: ["HOME": "/h", "XDG_CACHE_HOME": "relative"])
        #expect(relative.cacheFolder == "/h/.cache/corral")
        #expect(set["XDG_DATA_HOME"] == nil)
        #expect(UserEnvironment(variables: ["A": ""])["A"] == nil)
    }

    @Test(arguments: [
        ("~", "/home/me"), ("~/m/../n", "/home/me/n"), ("a/./b", "/here/a/b"), ("/x//y", "/x/y"),
        ("../up", "/up"), ("/../..", "/"),
    ])
    func `a path as people write it becomes one from the root`(text: String, path: String) {
        let environment = UserEnvironment(variables: ["HOME": "/home/me"])
        #expect(environment.path(text, in: "/here") == path)
    }
}
