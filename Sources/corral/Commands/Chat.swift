import ArgumentParser
import Foundation

/// Talks with a model.
struct Chat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Talk with a model, or ask it one thing.",
        discussion: """
            With a prompt, or one on standard input, it answers and ends. Without, it is a \
            conversation: /clear forgets what was said, /bye ends it.
            """
    )

    @Argument(help: "The model's name; see `corral list`.")
    var model: String

    @Argument(help: "What to ask; several words are joined.")
    var prompt: [String] = []

    @Option(help: "What the model is told before anything else.")
    var system: String?

    @Option(help: "The most tokens of an answer.")
    var maxTokens: Int?

    @Option(help: "How freely it chooses words: 0 for always the likeliest.")
    var temperature: Double?

    @Option(help: "Repeats an answer where everything else is the same.")
    var seed: Int?

    @OptionGroup var daemon: ClientOptions

    func run() async throws {
        let console = Console.live()
        var conversation = Conversation(
            client: try daemon.client(),
            console: console,
            request: ChatRequest(
                model: model,
                messages: [],
                maxTokens: maxTokens,
                temperature: temperature,
                seed: seed
            ),
            system: system
        )
        if !prompt.isEmpty {
            try await conversation.say(prompt.joined(separator: " "))
        } else if !Terminal.isInputInteractive {
            let text = Input.everything()
            guard !text.isEmpty else {
                throw CommandFailure(.usage, "There is nothing to ask: standard input is empty.")
            }
            try await conversation.say(text)
        } else {
            try await talk(&conversation, console)
        }
    }

    private func talk(_ conversation: inout Conversation, _ console: Console) async throws {
        console.print(console.styled("\(model): /clear forgets, /bye ends.", .dim))
        while true {
            console.write(console.styled("> ", .bold))
            guard let line = readLine() else { return console.print() }
            switch line.trimmingCharacters(in: .whitespaces) {
            case "": continue
            case "/bye", "/exit", "/quit": return
            case "/clear":
                conversation.clear()
                console.print(console.styled("Forgotten.", .dim))
            case let command where command.hasPrefix("/"):
                console.print(console.styled("There is /clear and /bye.", .dim))
            case let text:
                do {
                    try await conversation.say(text)
                } catch let failure as CommandFailure {
                    // A refusal need not end the conversation.
                    console.note("\(console.styled("error:", .red)) \(failure)")
                }
            }
        }
    }
}
