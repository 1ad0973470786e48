import ArgumentParser
import CorralWire

/// Has the daemon read its configuration again.
struct Reload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have the daemon read its configuration again.",
        discussion: """
            Only what changed is touched: a model with other settings leaves when it is idle and is \
            loaded anew when it is next asked for. Where the configuration makes no sense, nothing \
            changes. SIGHUP does the same.
            """
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var daemon: ClientOptions

    private struct Nothing: Encodable {}

    func run() async throws {
        let console = Console.live()
        let answer: ReloadAnswer = try await daemon.client().get(WirePath.reload, Nothing())
        if output.json { return try console.print(json: answer) }
        let models = answer.models
        let lines = [
            ("Changed", answer.changed), ("New models", models.added),
            ("Gone", models.removed), ("To be loaded anew", models.reloading),
            ("Pinned", models.pinned), ("Not pinned any more", models.unpinned),
        ].filter { !$0.1.isEmpty }
        for (what, names) in lines { console.print("\(what): \(names.joined(separator: ", ")).") }
        if lines.isEmpty, answer.needRestart.isEmpty { console.print("Nothing has changed.") }
        guard !answer.needRestart.isEmpty else { return }
        let settings = answer.needRestart.joined(separator: ", ")
        console.note("\(console.styled("after a restart:", .yellow)) \(settings)")
    }
}
