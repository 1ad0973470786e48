import ArgumentParser

/// Shows the version.
struct ShowVersion: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Show the version."
    )

    func run() { Console.live().print(Version.text) }
}
