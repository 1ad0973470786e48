// A chat in the terminal, with a model in this process.
//
//   swift run terminal-chat model.gguf
//
// Questions are lines of standard input; an empty line, or its end, ends the chat.

import CorralCache
import CorralLlama
import CorralMemory

@main
struct TerminalChat {
    static func main() async throws {
        guard CommandLine.arguments.count == 2 else {
            print("usage: terminal-chat MODEL.gguf")
            return
        }
        let cache = try ModelCache(engine: LlamaEngine(), memory: .share(0.75))
        try await cache.withModel(CommandLine.arguments[1], as: .chat) { llama in
            try await talk(to: llama)
        }
        await cache.shutdown()
    }

    static func talk(to llama: LlamaModel) async throws {
        var messages: [ChatMessage] = [.system("You are a helpful, brief assistant.")]
        let options = ReplyOptions(maximumTokens: 200, overflow: .shift(keeping: 32))
        while let question = readLine(), !question.isEmpty {
            messages.append(.user(question))
            let reply = llama.reply(to: messages, options: options)
            var answer = ""
            for try await piece in reply {
                print(piece, terminator: "")
                answer += piece
            }
            print()
            messages.append(.assistant(answer))
            if let usage = reply.summary?.usage {
                print("[\(usage.answerTokens) tokens, \(usage.reusedTokens) known from before]")
            }
        }
    }
}
