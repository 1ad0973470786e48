import CorralCache
import CorralLlama
import Foundation
import Testing

@Suite("Chat with a real model", .enabled(if: RealModels.areThere), .serialized)
struct ChatTests {
    private let greedy = ReplyOptions(sampling: .greedy, maximumTokens: 24)

    @Test("an answer is text, and its summary counts tokens")
    func answer() async throws {
        try await withLlama(.chat) { llama in
            let reply = llama.reply(to: "What is the capital of France?", options: greedy)
            var pieces: [String] = []
            for try await piece in reply { pieces.append(piece) }
            let summary = try #require(reply.summary)
            #expect(pieces.joined().split(separator: " ").count > 3)
            #expect(pieces.count > 2)
            let ending = summary.reason == .stop ? 1 : 0
            #expect(summary.usage.answerTokens == summary.tokens.count + ending)
            #expect(summary.usage.promptTokens > 8)
            #expect(summary.usage.reusedTokens == 0)
        }
    }

    @Test("the same seed gives the same answer, another seed another")
    func seeds() async throws {
        try await withLlama(.chat) { llama in
            func text(_ seed: UInt32) async throws -> String {
                var options = ReplyOptions(maximumTokens: 24)
                options.sampling.temperature = 1.2
                options.sampling.seed = seed
                return try await llama.reply(to: "Tell me a story.", options: options).text()
            }
            let first = try await text(1)
            let again = try await text(1)
            let other = try await text(2)
            #expect(first == again)
            #expect(first != other)
        }
    }

    @Test("eight answers at once are the answers one after another")
    func sideBySide() async throws {
        let questions = (1...8).map { "Count from \($0) to twenty." }
        var options = LlamaOptions(contextTokens: 2048)
        options.slots = 8
        let together = try await withLlama(.chat, options: options) { llama in
            try await withThrowingTaskGroup(of: (Int, String).self) { tasks in
                for (index, question) in questions.enumerated() {
                    tasks.addTask {
                        (index, try await llama.reply(to: question, options: greedy).text())
                    }
                }
                var answers = Array(repeating: "", count: questions.count)
                for try await (index, text) in tasks { answers[index] = text }
                return answers
            }
        }
        let alone = try await withLlama(.chat, options: options) { llama in
            var answers: [String] = []
            for question in questions {
                answers.append(try await llama.reply(to: question, options: greedy).text())
            }
            return answers
        }
        // Batches of other sizes round differently, which at times decides between two tokens that
        // are about as likely; a context that mixes conversations up changes all answers.
        let equal = zip(together, alone).count { $0 == $1 }
        #expect(equal >= 3, "\(together) against \(alone)")
    }

    @Test("the next turn reuses what the first has read")
    func reuse() async throws {
        try await withLlama(.chat) { llama in
            let first: [ChatMessage] = [.system("You are brief."), .user("Name a color.")]
            let one = llama.reply(to: first, options: greedy)
            let text = try await one.text()
            let two = llama.reply(
                to: first + [.assistant(text), .user("Name another.")],
                options: greedy
            )
            _ = try await two.text()
            let known = try #require(one.summary?.usage)
            let usage = try #require(two.summary?.usage)
            #expect(usage.reusedTokens >= known.promptTokens)
            #expect(usage.reusedTokens < usage.promptTokens)
        }
    }

    @Test("a stop ends the answer and is no part of it")
    func stops() async throws {
        try await withLlama(.chat) { llama in
            var options = greedy
            let whole = try await llama.reply(
                to: "What is the capital of France?",
                options: options
            ).text()
            let stop = String(whole.dropFirst(8).prefix(6))
            options.stops = [stop]
            let reply = llama.reply(to: "What is the capital of France?", options: options)
            let text = try await reply.text()
            #expect(text == whole.prefix(upTo: try #require(whole.range(of: stop)?.lowerBound)))
            #expect(reply.summary?.reason == .stop)
        }
    }

    @Test("a grammar decides what an answer can be")
    func grammar() async throws {
        try await withLlama(.chat) { llama in
            var options = greedy
            options.sampling.grammar = #"root ::= "yes" | "no""#
            let text = try await llama.reply(to: "Is water wet?", options: options).text()
            #expect(["yes", "no"].contains(text))
            options.sampling.grammar = "root ::= ["
            await #expect {
                try await llama.reply(to: "Is water wet?", options: options).text()
            } throws: { ($0 as? LlamaError)?.code == .badGrammar }
        }
    }

    @Test("an answer ends at the most tokens allowed, and at the end of the context")
    func length() async throws {
        try await withLlama(.chat, options: LlamaOptions(contextTokens: 256)) { llama in
            var options = ReplyOptions(sampling: .greedy, maximumTokens: 3)
            let short = llama.reply(to: "Write a long poem.", options: options)
            _ = try await short.text()
            #expect(short.summary?.reason == .length)
            #expect(short.summary?.usage.answerTokens == 3)
            options.maximumTokens = nil
            options.sampling.grammar = #"root ::= [a-z ] root"#
            let long = llama.reply(to: "Write a long poem.", options: options)
            _ = try await long.text()
            #expect(long.summary?.reason == .contextFull)
        }
    }

    @Test("a prompt beyond the context is refused with a code, or shortened by choice")
    func overflow() async throws {
        try await withLlama(.chat, options: LlamaOptions(contextTokens: 256)) { llama in
            let text = String(repeating: "all work and no play ", count: 100)
            await #expect {
                try await llama.reply(to: text, options: greedy).text()
            } throws: { ($0 as? LlamaError)?.code == .contextOverflow }
            var options = greedy
            options.overflow = .shift(keeping: 16)
            options.maximumTokens = 200
            options.sampling.grammar = #"root ::= [a-z ] root"#
            let reply = llama.reply(to: text, options: options)
            _ = try await reply.text()
            #expect(reply.summary?.usage.answerTokens == 200)
        }
    }

    @Test("a reply that is dropped leaves the model to others, and a cancelled task's reply ends")
    func cancellation() async throws {
        var options = LlamaOptions(contextTokens: 2048)
        options.slots = 1
        try await withLlama(.chat, options: options) { llama in
            let endless = ReplyOptions(sampling: .greedy)
            for try await _ in llama.reply(to: "Count to a thousand.", options: endless) { break }
            let task = Task {
                try await llama.reply(to: "Count to a thousand.", options: endless).text()
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            // One slot: it is answered only if the others have given theirs back.
            let text = try await llama.complete("The capital of France is", options: greedy).text()
            #expect(text.contains("Paris"))
        }
    }

    @Test("plain text is gone on with as it is")
    func completion() async throws {
        try await withLlama(.chat) { llama in
            let text = try await llama.complete("The capital of France is", options: greedy).text()
            #expect(text.contains("Paris"))
        }
    }
}
