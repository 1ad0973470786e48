// Answers a question from a folder of text files, with three models in a small budget.
//
//   swift run folder-rag FOLDER QUESTION chat.gguf embed.gguf rerank.gguf [MEGABYTES]
//
// The passages nearest to the question are found with the embedding model, ordered with the
// reranker, and given to the chat model. With few megabytes the models take turns in memory: the
// cache evicts one to load the next, and this program does not notice.

import CorralCache
import CorralLlama
import CorralMemory
import Foundation

@main
struct FolderRAG {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count >= 5 else {
            print("usage: folder-rag FOLDER QUESTION CHAT.gguf EMBED.gguf RERANK.gguf [MEGABYTES]")
            return
        }
        let (folder, question) = (arguments[1], arguments[2])
        let memory = arguments.count > 5 ? Int64(arguments[6]) : nil
        let cache = try ModelCache(
            engine: LlamaEngine(),
            memory: memory.map { .bytes(ByteCount($0 << 20)) } ?? .standard
        )
        let passages = try passages(in: folder)
        print("\(passages.count) passages")

        let near = try await cache.withModel(arguments[4], as: .embed) { llama in
            let wanted = try await llama.embed([question])[0]
            let vectors = try await llama.embed(passages)
            return zip(passages, vectors)
                .map { (text: $0, score: similarity($1, wanted)) }
                .sorted { $0.score > $1.score }
                .prefix(8)
                .map(\.text)
        }
        let best = try await cache.withModel(arguments[5], as: .rerank) { llama in
            let scores = try await llama.rerank(question, near)
            return zip(near, scores).sorted { $0.1 > $1.1 }.prefix(3).map(\.0)
        }
        let prompt = """
            Answer the question from these passages.

            \(best.joined(separator: "\n\n"))

            Question: \(question)
            """
        try await cache.withModel(arguments[3], as: .chat) { llama in
            let options = ReplyOptions(sampling: .greedy, maximumTokens: 120)
            for try await piece in llama.reply(to: prompt, options: options) {
                print(piece, terminator: "")
            }
            print()
        }
        await cache.shutdown()
    }

    /// The paragraphs of every text file of a folder, those that are very long cut.
    static func passages(in folder: String) throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        return try names.filter { $0.hasSuffix(".txt") || $0.hasSuffix(".md") }.flatMap { name in
            let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            return text.components(separatedBy: "\n\n")
                .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
                .filter { $0.count > 40 }
                .map { String($0.prefix(600)) }
        }
    }

    /// How near two vectors of length 1 are: 1 for the same direction.
    static func similarity(_ first: [Float], _ second: [Float]) -> Float {
        zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
