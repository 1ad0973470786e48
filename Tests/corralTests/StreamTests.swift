import CorralTesting
import Testing

@testable import corral

struct StreamTests {
    private static let stream =
        "event: x\r\ndata: one\r\n\r\n: note\ndata:two\ndata: lines\n\ndata: end\n\n"

    @Test func `payloads are found however the bytes are cut`() {
        let bytes = Array(Self.stream.utf8)
        for cut in 0...bytes.count {
            var lines = EventLines()
            let found = lines.feed(bytes[..<cut]) + lines.feed(bytes[cut...])
            #expect(found == ["one", "two\nlines", "end"], "cut at \(cut)")
        }
    }

    @Test func `an event without data is none, and an unfinished one is not given`() {
        var lines = EventLines()
        let found = lines.feed("event: ping\n\ndata: unfinished".utf8)
        #expect(found.isEmpty)
    }

    @Test(arguments: [
        (#"{"choices":[{"delta":{"content":"Hi"}}]}"#, ChatChunk.text("Hi")),
        (#"{"choices":[{"delta":{"reasoning_content":"hm"}}]}"#, .thinking("hm")),
        (#"{"choices":[{"delta":{"role":"assistant","content":null}}]}"#, .nothing),
        (#"{"choices":[]}"#, .nothing),
        ("[DONE]", .nothing),
        (#"{"error":{"message":"It ended."}}"#, .failure("It ended.")),
    ])
    func `chunks of an answer are told apart`(payload: String, chunk: ChatChunk) {
        #expect(ChatChunk(payload) == chunk)
    }
}
