import NIOCore
import Testing

@testable import CorralObservability

/// What the end of an answer tells, in the shapes that llama-server b11434 writes.
@Suite struct TokenCountsTests {
    private func counts(_ answer: String) -> TokenCounts? {
        TokenCounts(in: ByteBuffer(string: answer))
    }

    private static let timings = """
        "timings":{"cache_n":3,"prompt_n":7,"prompt_ms":20.5,"prompt_per_token_ms":2.9,\
        "prompt_per_second":341.4,"predicted_n":12,"predicted_ms":60.0,\
        "predicted_per_token_ms":5.0,"predicted_per_second":200.0}
        """

    @Test(arguments: [
        "data: {\"choices\":[],\(timings)}\n\n",
        "data: {\"choices\":[],\(timings),\"usage\":{\"prompt_tokens\":99}}\n\n",
        "data: {\"choices\":[]}\n\ndata: {\(timings)}\n\ndata: [DONE]\n\n",
        String(repeating: "x", count: 100_000) + "\(timings)}",
    ])
    func `timings near the end are found`(answer: String) throws {
        let counts = try #require(self.counts(answer))
        #expect(counts.prompt == 10 && counts.cached == 3)
        #expect(counts.generated == 12 && counts.rate == 200)
    }

    @Test func `usage is read where there are no timings`() throws {
        let stream = """
            event: message_delta
            data: {"type":"message_delta","usage":{"input_tokens":4,"output_tokens":9}}


            """
        #expect(counts(stream)?.generated == 9)
        #expect(counts(stream)?.rate == nil)
        let nested = #"{"usage":{"prompt_tokens":5,"prompt_tokens_details":{"cached_tokens":1}}}"#
        #expect(counts(nested)?.prompt == 5)
        let embeddings = #"{"usage":{"prompt_tokens":8,"total_tokens":8},"data":["#
        #expect(counts(embeddings + String(repeating: "0.5,", count: 5000) + "0]}")?.prompt == 8)
    }

    @Test func `what a model says is not taken for a report`() {
        #expect(counts(#"{"content":"\"timings\":{\"predicted_n\":1000000}"}"#) == nil)
    }

    @Test(arguments: [
        "", "\"timings\":", "\"timings\":{", "\"timings\":[1]", "{\"usage\":null}",
        "\"timings\":{\"predicted_n\":", "data: [DONE]\n\n",
    ])
    func `an end without a report tells nothing`(answer: String) {
        #expect(counts(answer) == nil)
    }

    @Test func `numbers that make no sense count as none`() {
        let odd = counts(#"{"timings":{"predicted_n":-4,"prompt_n":1e300,"cache_n":"x"}}"#)
        #expect(odd?.generated == 0 && odd?.prompt == 0 && odd?.cached == 0)
    }

    @Test func `one token says nothing about a rate`() {
        #expect(counts(#"{"timings":{"predicted_n":1,"predicted_per_second":1e6}}"#)?.rate == nil)
    }
}
