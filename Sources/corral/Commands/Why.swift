import ArgumentParser
import CorralCache

/// Explains what became of a model.
struct Why: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say why a model was evicted, kept, loaded in advance or refused.",
        discussion: """
            Shows the last decisions that concern the model, the latest first, with what the \
            eviction policy thought of each model that might have gone: what it holds, how long \
            it takes to bring back and when it is expected to be used again.
            """
    )

    @Argument(help: "The model's name; see `corral list`.")
    var model: String

    @Option(help: "In which role: chat, embed or rerank. Default: what the model is for.")
    var role: ModelRole?

    @Option(name: .shortAndLong, help: "The decisions to show at most.")
    var limit = 5

    @OptionGroup var output: OutputOptions
    @OptionGroup var daemon: ClientOptions

    func run() async throws {
        let console = Console.live()
        let path = Query("/corral/v1/why", ["model": model, "role": role?.rawValue]).path
        var view: WhyView = try await daemon.client().get(path)
        if output.json {
            view.decisions = Array(view.decisions.prefix(max(0, limit)))
            return try console.print(json: view)
        }
        Self.show(view, limit: limit, console)
    }

    static func show(_ view: WhyView, limit: Int, _ console: Console) {
        let state = view.state == "absent" ? "not in memory" : view.state.replacing("_", with: " ")
        console.print(console.styled("\(view.model) (\(view.role)) is \(state).", .bold))
        if view.decisions.isEmpty {
            console.print("Nothing was decided about it lately.")
        }
        let asked = NamedModel(model: view.model, role: view.role)
        for decision in view.decisions.prefix(max(0, limit)) {
            console.print()
            console.print(DecisionText.headline(decision, about: asked))
            guard !decision.candidates.isEmpty else { continue }
            let width = console.width.map { $0 - 2 }
            for line in DecisionText.table(decision.candidates).lines(width: width) {
                console.print("  \(line)")
            }
        }
        let rest = view.decisions.count - max(0, limit)
        if rest > 0 {
            console.print()
            console.print("\(rest) earlier; --limit \(view.decisions.count) shows all.")
        }
    }
}

/// A path with a query.
struct Query {
    let path: String

    /// Adds those of the members that have a value, in order of their names.
    init(_ path: String, _ members: [String: String?]) {
        let pairs = members.compactMapValues(\.self).sorted { $0.key < $1.key }.map { name, value in
            "\(name)=\(Self.encoded(value))"
        }
        self.path = pairs.isEmpty ? path : "\(path)?\(pairs.joined(separator: "&"))"
    }

    /// All but letters, digits and what RFC 3986 calls unreserved is percent-encoded.
    private static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                byte < 0x80
                && (scalar.properties.isAlphabetic || (48...57).contains(byte)
                    || "-._~".unicodeScalars.contains(scalar))
            if isPlain {
                result.unicodeScalars.append(scalar)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }
}
