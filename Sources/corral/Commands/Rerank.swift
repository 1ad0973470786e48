import ArgumentParser
import CorralMemory
import Foundation

/// Scores documents against a query.
struct Rerank: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Order documents by how well they answer a query.",
        discussion: "Without documents each line of standard input is one."
    )

    @Argument(help: "The model's name; see `corral list`.")
    var model: String

    @Argument(help: "The query.")
    var query: String

    @Argument(help: "The documents.")
    var documents: [String] = []

    @Option(help: "Show only the best so many.")
    var top: Int?

    @OptionGroup var output: OutputOptions
    @OptionGroup var here: LocalOptions
    @OptionGroup var daemon: ClientOptions

    private struct Request: Encodable {
        var model: String
        var query: String
        var documents: [String]
        var topN: Int?
    }

    private struct Answer: Decodable {
        struct Item: Decodable {
            var index: Int
            var relevanceScore: Double
        }
        var results: [Item]
    }

    func validate() throws {
        if let top, top < 1 { throw ValidationError("--top is a number from 1.") }
    }

    func run() async throws {
        let console = Console.live()
        let documents = try Input.texts(documents, what: "documents to order")
        let data = try await answer(documents)
        if output.json {
            console.write(String(decoding: data, as: UTF8.self) + "\n")
            return
        }
        let answer = try JSONDecoder.corral.decode(Answer.self, from: data)
        let ordered = answer.results.sorted {
            ($1.relevanceScore, $0.index) < ($0.relevanceScore, $1.index)
        }
        var table = Table([.number("SCORE"), .number("NO."), .flexible("DOCUMENT")])
        for item in ordered.prefix(top ?? .max) where documents.indices.contains(item.index) {
            table.add([
                String(format: "%.4f", item.relevanceScore), "\(item.index + 1)",
                documents[item.index],
            ])
        }
        table.print(to: console)
    }

    /// The answer of `/v1/rerank`, by the daemon or by the model in this process.
    private func answer(_ documents: [String]) async throws -> Data {
        let request = Request(model: model, query: query, documents: documents, topN: top)
        guard here.local else {
            return try await daemon.client().data("/v1/rerank", request)
        }
        return try await localAnswer(model, as: .rerank, "/v1/rerank", request)
    }
}
