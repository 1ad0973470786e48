import ArgumentParser
import CorralDaemon

/// The options that say where models are looked for.
struct CatalogueOptions: ParsableArguments {
    @Option(
        name: .customLong("models"),
        help: ArgumentHelp("A folder of models; may be repeated (CORRAL_MODELS).", valueName: "dir")
    )
    var folders: [String] = []

    @Option(
        name: .customLong("store"),
        help: ArgumentHelp(
            """
            A tool whose models are read too: ollama, lm-studio, llama.cpp, hugging-face, or none \
            (CORRAL_STORES). Default: all; may be repeated.
            """,
            valueName: "tool"
        )
    )
    var stores: [String] = []

    @Option(help: ArgumentHelp("The configuration file (CORRAL_CONFIG).", valueName: "file"))
    var config: String?

    /// The settings, as `serve` would read them.
    func settings(_ environment: UserEnvironment = .current) throws -> Settings {
        let flags: [Setting: [String]] = [.folders: folders, .stores: stores]
        return try Settings.read(
            flags: flags.filter { !$0.value.isEmpty },
            configuration: config,
            environment: environment
        )
    }
}
