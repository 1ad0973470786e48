import Testing

@testable import CorralObservability

@Suite struct PathRedactionTests {
    private let redaction = PathRedaction(
        [
            ("/home/me/my models/a.gguf", "small"), ("/home/me/my models/a.gguf-2", "part"),
        ],
        isRoute: { ["/v1/models", "/corral/v1/unload"].contains($0) }
    )

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
