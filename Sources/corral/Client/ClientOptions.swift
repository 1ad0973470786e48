import ArgumentParser
import CorralDaemon

/// Which daemon a command talks to.
struct ClientOptions: ParsableArguments {
    @Option(help: "The daemon's address (CORRAL_URL). Default: http://127.0.0.1:11435")
    var url: String?

    @Option(help: ArgumentHelp("The key the daemon wants (CORRAL_API_KEY).", valueName: "key"))
    var apiKey: String?

    /// A client for the daemon that is meant: by the flag, by `CORRAL_URL`, else where `serve`
    /// would listen with the same environment and configuration file.
    func client(_ environment: UserEnvironment = .current) throws -> DaemonClient {
        let settings = try Settings.read(environment: environment)
        let key = apiKey ?? settings.apiKeys.first
        if let text = url ?? environment["CORRAL_URL"] {
            guard let address = Address(parsing: text) else {
                throw CommandFailure(
                    .usage,
                    "“\(text)” is no address; write one such as http://127.0.0.1:11435."
                )
            }
            return DaemonClient(url: address.url(standardPort: settings.port), key: key)
        }
        // Where a server listens everywhere, it listens on this machine too.
        let isEverywhere = ["0.0.0.0", "::", "*"].contains(settings.host)
        let host = isEverywhere ? "127.0.0.1" : settings.host
        let address = Address(parsing: host)?.url(standardPort: settings.port)
        return DaemonClient(url: address ?? "http://127.0.0.1:\(settings.port)", key: key)
    }
}

/// How a command writes what it found.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Write JSON, for programs.")
    var json = false
}
