import Testing

@testable import corral

struct StreamTests {
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
