import ArgumentParser
import Foundation

#if CORRAL_LLAMA
import CorralCache
import CorralLlama
#endif

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

    @OptionGroup var here: LocalOptions
    @OptionGroup var daemon: ClientOptions

    func run() async throws {
        let console = Console.live()
        if here.local { return try await runLocally(console) }
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
        try await converse(&conversation, console)
    }

    private func runLocally(_ console: Console) async throws {
        #if CORRAL_LLAMA
        var options = ReplyOptions(maximumTokens: maxTokens)
        if let temperature { options.sampling.temperature = Float(temperature) }
        options.sampling.seed = seed.map { UInt32(truncatingIfNeeded: $0) }
        try await withLocalModel(model, as: .chat) { llama in
            var conversation = LocalConversation(
                llama,
                console: console,
                options: options,
                system: system
            )
            try await converse(&conversation, console)
        }
        #else
        throw localIsMissing
        #endif
    }

    private func converse(
        _ conversation: inout some Conversing,
        _ console: Console
    ) async throws {
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

    private func talk(_ conversation: inout some Conversing, _ console: Console) async throws {
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
