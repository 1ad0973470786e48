import CorralCache
import CorralTesting
import Testing

@testable import CorralServer

@Suite struct PathRedactionTests {
    private let redaction = PathRedaction([
        ServedEntry<FakeEngine.Options>(
            name: "small",
            id: ModelID(path: "/home/me/my models/a.gguf", role: .chat)
        ),
        ServedEntry(name: "part", id: ModelID(path: "/home/me/my models/a.gguf-2", role: .chat)),
    ])

    @Test(arguments: [
        ("No such file: /home/me/my models/a.gguf.", "No such file: small."),
        ("'/home/me/my models/a.gguf-2' (chat) is broken", "'part' (chat) is broken"),
        (
            "cannot open /usr/lib/x/libllama.so, or /etc/passwd: no",
            "cannot open libllama.so, or passwd: no"
        ),
        ("path=/var/run/corral/x.sock)", "path=x.sock)"),
        (
            "ask GET /v1/models or POST /corral/v1/unload",
            "ask GET /v1/models or POST /corral/v1/unload"
        ),
        ("1/2 of and/or 3 / 4 at http://x/y", "1/2 of and/or 3 / 4 at http://x/y"),
        ("nothing", "nothing"), ("", ""), ("/", "/"), ("see /tmp/", "see tmp"),
    ])
    func `paths become names`(text: String, expected: String) {
        #expect(redaction.redact(text) == expected)
    }
}
