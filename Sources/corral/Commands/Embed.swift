import ArgumentParser
import CorralMemory
import Foundation

/// Turns texts into vectors.
struct Embed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn texts into vectors.",
        discussion: """
            Without texts each line of standard input is one. A vector is a line of numbers; \
            on a terminal only its beginning is shown.
            """
    )

    @Argument(help: "The model's name; see `corral list`.")
    var model: String

    @Argument(help: "The texts.")
    var texts: [String] = []

    @OptionGroup var output: OutputOptions
    @OptionGroup var here: LocalOptions
    @OptionGroup var daemon: ClientOptions

    private struct Request: Encodable {
        var model: String
        var input: [String]
        var encodingFormat = "float"
    }

    private struct Answer: Decodable {
        struct Item: Decodable {
            var index: Int
            var embedding: [Double]
        }
        var data: [Item]
    }

    func run() async throws {
        let console = Console.live()
        let texts = try Input.texts(texts, what: "texts to embed")
        let data = try await answer(texts)
        if output.json {
            console.write(String(decoding: data, as: UTF8.self) + "\n")
            return
        }
        let answer = try JSONDecoder.corral.decode(Answer.self, from: data)
        for item in answer.data.sorted(by: { $0.index < $1.index }) {
            guard console.width != nil else {
                console.print(item.embedding.map { "\($0)" }.joined(separator: " "))
                continue
            }
            let first = item.embedding.prefix(6).map { String(format: "%+.4f", $0) }
            let norm = item.embedding.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let rest = item.embedding.count > first.count ? " …" : ""
            console.print(
                "\(item.embedding.count) numbers of norm \(String(format: "%.3f", norm)): "
                    + first.joined(separator: " ") + rest
            )
        }
    }

    /// The answer of `/v1/embeddings`, by the daemon or by the model in this process.
    private func answer(_ texts: [String]) async throws -> Data {
        let request = Request(model: model, input: texts)
        guard here.local else {
            return try await daemon.client().data("/v1/embeddings", request)
        }
        return try await localAnswer(model, as: .embed, "/v1/embeddings", request)
    }
}
