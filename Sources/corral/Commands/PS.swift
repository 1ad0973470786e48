import ArgumentParser
import CorralWire
import Foundation

/// Shows what is in memory.
struct PS: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps",
        abstract: "Show what is in memory, and how full it is.",
        aliases: ["status"]
    )

    @Flag(name: .shortAndLong, help: "Also list models that are not in memory.")
    var all = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var daemon: ClientOptions

    func run() async throws {
        let console = Console.live()
        let client = try daemon.client()
        let data = try await client.data(WirePath.status)
        if output.json {
            console.write(String(decoding: data, as: UTF8.self) + "\n")
            return
        }
        guard let status = try? JSONDecoder.corral.decode(DaemonStatus.self, from: data) else {
            throw CommandFailure(
                .failure,
                "What answers at \(client.url) is not a corral of this version."
            )
        }
        StatusView(status, all: all).print(to: console)
    }
}
