import ArgumentParser

/// Shows the version.
struct ShowVersion: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Show the version."
    )

    func run() { Console.live().print(Version.text) }
}

/// What this program calls itself.
enum Version {
    /// The version, by semantic versioning.
    static let number = "0.1.0"

    /// The version, and what planning and launching were made for.
    static let text = "corral \(number) (for llama.cpp b11434)"
}
