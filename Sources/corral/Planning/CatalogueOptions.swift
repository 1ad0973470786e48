import ArgumentParser
import CorralCatalogue

/// Where models are looked for.
struct CatalogueOptions: ParsableArguments {
    @Option(
        name: .customLong("models"),
        help: ArgumentHelp("A folder of models; may be repeated (CORRAL_MODELS).", valueName: "dir")
    )
    var folders: [String] = []

    @Option(help: ArgumentHelp("The configuration file (CORRAL_CONFIG).", valueName: "file"))
    var config: String?

    /// The settings, as `serve` would read them.
    func settings(_ environment: UserEnvironment = .current) throws -> Settings {
        try Settings.read(
            flags: folders.isEmpty ? [:] : [.folders: folders],
            configuration: config,
            environment: environment
        )
    }
}

extension ModelCatalogue {
    /// The catalogue that settings describe.
    convenience init(_ settings: Settings) {
        self.init(folders: settings.folders, overrides: settings.overrides)
    }
}
