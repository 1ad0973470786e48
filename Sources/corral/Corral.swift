import ArgumentParser

/// The command line.
struct Corral: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "corral",
        abstract: "Keeps many llama.cpp models in one machine's memory.",
        discussion: """
            Start the daemon with `corral serve --models DIR`; then any OpenAI or Anthropic client \
            can use http://127.0.0.1:11435/v1. `plan`, `inspect` and `list` need no daemon.
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Daemon",
                subcommands: [Serve.self, Reload.self, KeyCommand.self, Doctor.self]
            ),
            CommandGroup(
                name: "Models",
                subcommands: [
                    List.self, PS.self, Load.self, Stop.self, Pin.self, Unpin.self,
                ]
            ),
            CommandGroup(name: "Files", subcommands: [Plan.self, Inspect.self]),
            CommandGroup(name: "Use", subcommands: [Chat.self, Embed.self, Rerank.self]),
            CommandGroup(
                name: "Policy",
                subcommands: [
                    Why.self, WhatIf.self, Hint.self, Record.self, Simulate.self,
                ]
            ),
            CommandGroup(name: "Other", subcommands: [ShowVersion.self]),
        ]
    )
}

/// Runs the command line and turns its end into an exit status.
@main
enum Main {
    static func main() async {
        do {
            var command = try Corral.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let exit as ExitCode {
            Corral.exit(withError: exit)
        } catch  where Corral.exitCode(for: error) != .failure {
            // Wrong usage, or a question for help or the version.
            Corral.exit(withError: error)
        } catch {
            let failure = CommandFailure(error)
            let console = Console.live()
            console.note("\(console.styled("error:", .red)) \(failure)")
            Corral.exit(withError: ExitCode(failure.status.rawValue))
        }
    }
}
