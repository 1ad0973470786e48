import CorralLlama
import CorralMemory
import Testing

@Suite("How each next token is chosen", .enabled(if: RealModels.areThere), .serialized)
struct SamplingTests {
    /// An answer made with some sampling.
    private func text(
        _ llama: LlamaModel,
        _ change: (inout Sampling) -> Void
    ) async throws -> String {
        var options = ReplyOptions(maximumTokens: 32)
        options.sampling.seed = 7
        change(&options.sampling)
        return try await llama.complete("The three largest countries are", options: options).text()
    }

    private func isHot(_ sampling: inout Sampling) {
        sampling.temperature = 2
        (sampling.topK, sampling.topP, sampling.minP) = (0, 1, 0)
    }

    @Test("each filter that leaves one token makes the answer the likeliest, at any temperature")
    func filters() async throws {
        try await withLlama(.chat) { llama in
            let greedy = try await text(llama) { $0.temperature = 0 }
            let hot = try await text(llama) { isHot(&$0) }
            #expect(hot != greedy, "without filters, two degrees choose otherwise")
            let one = try await text(llama) {
                isHot(&$0)
                $0.topK = 1
            }
            #expect(one == greedy)
            let narrow = try await text(llama) {
                isHot(&$0)
                $0.topP = 1e-6
            }
            #expect(narrow == greedy)
            let strict = try await text(llama) {
                isHot(&$0)
                $0.minP = 1
            }
            #expect(strict == greedy)
        }
    }

    @Test("penalties keep tokens from coming again, within their window")
    func penalties() async throws {
        try await withLlama(.chat) { llama in
            func answer(_ change: (inout Sampling) -> Void) async throws -> String {
                var options = ReplyOptions(sampling: .greedy, maximumTokens: 48)
                change(&options.sampling)
                return try await llama.complete("one two one two one two one", options: options)
                    .text()
            }
            /// The share of an answer's words that came before in it.
            func repetition(_ text: String) -> Double {
                let words = text.split { !$0.isLetter }
                return 1 - Double(Set(words).count) / Double(max(1, words.count))
            }
            let plain = try await answer { _ in }
            #expect(repetition(plain) > 0.5, "\(plain)")
            for change: (inout Sampling) -> Void in [
                { $0.repeatPenalty = 2 }, { $0.frequencyPenalty = 2 }, { $0.presencePenalty = 2 },
            ] {
                let varied = try await answer(change)
                #expect(repetition(varied) < repetition(plain), "\(varied)")
                let unseen = try await answer {
                    change(&$0)
                    $0.penaltyWindow = 0
                }
                #expect(unseen == plain)
            }
        }
    }

    @Test("numbers that make no sense are refused by name")
    func refusals() async throws {
        try await withLlama(.chat) { llama in
            let changes: [(String, (inout Sampling) -> Void)] = [
                ("temperature", { $0.temperature = -1 }), ("topP", { $0.topP = 0 }),
                ("minP", { $0.minP = 2 }), ("repeatPenalty", { $0.repeatPenalty = 0 }),
                ("finite", { $0.frequencyPenalty = .nan }), ("topK", { $0.topK = -1 }),
            ]
            for (name, change) in changes {
                await #expect {
                    try await text(llama, change)
                } throws: {
                    let error = $0 as? LlamaError
                    return error?.code == .badArgument && error?.message.contains(name) == true
                }
            }
        }
    }
}
