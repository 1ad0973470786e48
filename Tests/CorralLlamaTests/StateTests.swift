import CorralCache
import CorralLlama
import CorralPlanner
import Foundation
import Testing

@Suite("Conversations that outlive their model", .enabled(if: RealModels.areThere), .serialized)
struct StateTests {
    private let options = LlamaOptions(contextTokens: 1024)
    private let greedy = ReplyOptions(sampling: .greedy, maximumTokens: 12)
    private let first: [ChatMessage] = [
        .system("You are brief."),
        .user("Name a river. " + String(repeating: "Please. ", count: 40)),
    ]

    @Test("a restored conversation goes on as if it had never left, without being read again")
    func restored() async throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/river.kv"
        let (answer, expected, prompt) = try await withLlama(.chat, options: options) { llama in
            let reply = llama.reply(to: first, options: greedy)
            let answer = try await reply.text()
            try await llama.saveConversation(first, to: path)
            let next = first + [.assistant(answer), .user("And another?")]
            let second = try await llama.reply(to: next, options: greedy).text()
            return (answer, second, reply.summary?.usage.promptTokens ?? 0)
        }
        try await withLlama(.chat, options: options) { llama in
            let tokens = try await llama.restoreConversation(from: path)
            #expect(tokens >= prompt)
            let next = first + [.assistant(answer), .user("And another?")]
            let reply = llama.reply(to: next, options: greedy)
            let text = try await reply.text()
            #expect(text == expected)
            #expect(reply.summary.map { $0.usage.reusedTokens >= prompt } == true)
        }
    }

    @Test("another cache type, another file and a damaged file are refused")
    func refused() async throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/river.kv"
        try await withLlama(.chat, options: options) { llama in
            _ = try await llama.reply(to: first, options: greedy).text()
            try await llama.saveConversation(first, to: path)
        }
        var other = options
        other.keyCacheType = .q8_0
        other.valueCacheType = .q8_0
        try await withLlama(.chat, options: other) { llama in
            await #expect { try await llama.restoreConversation(from: path) } throws: {
                ($0 as? LlamaError)?.code == .stateMismatch
            }
        }
        let copy = "\(scratch.path)/copy.gguf"
        try FileManager.default.copyItem(atPath: RealModels.chat, toPath: copy)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_000_000)],
            ofItemAtPath: copy
        )
        try await withLlama(.chat, path: copy, options: options) { llama in
            await #expect { try await llama.restoreConversation(from: path) } throws: {
                ($0 as? LlamaError)?.code == .stateMismatch
            }
        }
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var damaged = whole
        damaged[whole.count / 2] ^= 1
        for bytes in [damaged, whole.prefix(whole.count - 100), Data("no".utf8), Data()] {
            try bytes.write(to: URL(fileURLWithPath: path))
            try await withLlama(.chat, options: options) { llama in
                await #expect { try await llama.restoreConversation(from: path) } throws: {
                    ($0 as? LlamaError)?.code == .stateUnusable
                }
                // Nothing is wrong with the model itself.
                let text = try await llama.reply(to: first, options: greedy).text()
                #expect(!text.isEmpty)
            }
        }
    }

    @Test("a model that saves its conversations knows them when it is loaded the next time")
    func acrossEviction() async throws {
        let scratch = try Scratch()
        var options = options
        options.savesConversations = true
        let answer = try await withLlama(.chat, options: options, stateFolder: scratch.path) {
            try await $0.reply(to: first, options: greedy).text()
        }
        try await withLlama(.chat, options: options, stateFolder: scratch.path) { llama in
            let next = first + [.assistant(answer), .user("And another?")]
            let reply = llama.reply(to: next, options: greedy)
            _ = try await reply.text()
            let usage = try #require(reply.summary?.usage)
            #expect(usage.reusedTokens > 60)
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        #expect(files.count == 1)
    }
}
