import CorralLlama
import CorralMemory
import Testing

@Suite("Readers that stop reading", .enabled(if: RealModels.areThere), .serialized)
struct BackPressureTests {
    /// Goes on for as many tokens as it is allowed.
    private func endless(_ tokens: Int) -> ReplyOptions {
        var options = ReplyOptions(sampling: .greedy, maximumTokens: tokens)
        options.sampling.grammar = "root ::= [a-z ] root"
        return options
    }

    @Test("an answer nobody reads stands still while others are made, and then goes on whole")
    func standsStill() async throws {
        try await withLlama(.chat, options: LlamaOptions(contextTokens: 2048, slots: 2)) { llama in
            let slow = llama.complete("once upon a time", options: endless(90))
            var pieces = slow.makeAsyncIterator()
            var text = try await pieces.next() ?? ""
            let other = llama.complete("there was a", options: endless(200))
            #expect(try await other.text().isEmpty == false)
            #expect(other.summary?.usage.answerTokens == 200)
            #expect(slow.summary == nil, "in 200 batches it would have had its 90 tokens")
            #expect(try await llama.countTokens("The thread is not blocked.") > 3)
            while let piece = try await pieces.next() { text += piece }
            #expect(slow.summary?.usage.answerTokens == 90)

            let alone = try await llama.complete("once upon a time", options: endless(90)).text()
            #expect(text == alone)
        }
    }

    @Test("an answer that stands still gives its slot back when it is dropped")
    func dropped() async throws {
        try await withLlama(.chat, options: LlamaOptions(contextTokens: 512, slots: 1)) { llama in
            do {
                let slow = llama.complete("once upon a time", options: endless(300))
                var pieces = slow.makeAsyncIterator()
                _ = try await pieces.next()
            }
            let text = try await llama.complete("there was a", options: endless(40)).text()
            #expect(!text.isEmpty)
        }
    }
}
