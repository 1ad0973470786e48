import ArgumentParser
import CorralDaemon

/// Runs the daemon.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the models over HTTP, loading and evicting them as needed.",
        discussion: """
            Every option can also be set in the environment (--max-wait as CORRAL_MAX_WAIT) and in \
            the configuration file (max-wait:); options go first, then the environment, then the \
            file. SIGHUP reads the file again; SIGTERM or ^C lets answers under way finish; a second one ends at once.
            """
    )

    @OptionGroup(title: "Models") var models: ServeModelOptions
    @OptionGroup(title: "Eviction") var eviction: ServeEvictionOptions
    @OptionGroup(title: "Network") var network: ServeNetworkOptions
    @OptionGroup(title: "Queueing") var queueing: ServeQueueOptions

    @Option(help: ArgumentHelp("The configuration file (CORRAL_CONFIG).", valueName: "file"))
    var config: String?

    @Option(help: "The least level that is logged: trace, debug, info, notice, warning, error.")
    var logLevel: String?

    @Option(help: "How logs are written: text or json.")
    var logFormat: String?

    @Flag(help: "Print the settings that count and where each comes from, and end.")
    var showConfig = false

    @OptionGroup var output: OutputOptions

    /// The values given on the command line, by setting.
    var flags: [Setting: [String]] {
        let single: [Setting: String?] = [
            .memory: models.memory, .engine: models.engine, .llamaServer: models.llamaServer,
            .context: models.context,
            .parallel: models.parallel, .kvType: models.kvType, .threads: models.threads,
            .gpuLayers: models.gpuLayers, .keepAlive: models.keepAlive, .host: network.host,
            .port: network.port, .apiKeyFile: network.apiKeyFile,
            .keysFile: network.keysFile, .keyConcurrency: network.keyConcurrency,
            .bodyLimit: network.bodyLimit, .maxConnections: network.maxConnections,
            .allowRemote: network.insecureAllowRemote ? "true" : nil,
            .policy: eviction.policy, .prefetch: eviction.prefetch,
            .stateFolder: eviction.stateFolder,
            .sharedDesktop: eviction.sharedDesktop ? "true" : nil,
            .ollama: network.ollamaAt ?? (network.ollama ? "true" : nil),
            .maxWait: queueing.maxWait, .queueLimit: queueing.queueLimit,
            .grace: queueing.grace, .logLevel: logLevel, .logFormat: logFormat,
        ]
        let lists: [Setting: [String]] = [
            .folders: models.folders, .stores: models.stores, .apiKey: network.apiKey,
            .allowedHost: network.allowedHost, .allowedOrigin: network.allowedOrigin,
            .corsOrigin: network.corsOrigin,
        ]
        return single.compactMapValues { $0.map { [$0] } }
            .merging(lists.filter { !$0.value.isEmpty }) { _, list in list }
    }

    func validate() throws {
        guard showConfig || !output.json else {
            throw ValidationError("--json says how to write --show-config; add that.")
        }
    }

    func run() async throws {
        let (console, environment) = (Console.live(), UserEnvironment.current)
        let (flags, config) = (flags, config)
        let read: @Sendable () throws -> Settings = {
            try Settings.read(flags: flags, configuration: config, environment: environment)
        }
        let settings = try read()
        if showConfig { return try show(settings, console) }
        let surroundings = Daemon.Surroundings(
            environment: environment,
            version: Version.number,
            output: Daemon.Output(
                say: { console.print($0) },
                warn: { console.note("\(console.styled("warning:", .yellow)) \($0)") },
                log: console.writeError
            ),
            readSettings: read
        )
        try await Daemon(settings, in: surroundings).run()
    }

    func show(_ settings: Settings, _ console: Console) throws {
        let report = SettingsReport(settings)
        if output.json { return try console.print(json: report) }
        var table = Table([.text("SETTING"), .flexible("VALUE"), .flexible("FROM")])
        for row in report.rows { table.add([row.setting, row.value, row.source]) }
        table.print(to: console)
    }
}

/// Which models are served, and how they are loaded.
struct ServeModelOptions: ParsableArguments {
    @Option(
        name: .customLong("models"),
        help: ArgumentHelp("A folder of GGUF files; may be repeated.", valueName: "dir")
    )
    var folders: [String] = []

    @Option(
        name: .customLong("store"),
        help: ArgumentHelp(
            """
            A tool whose models are served too: ollama, lm-studio, llama.cpp, hugging-face, or \
            none; may be repeated. Default: all
            """,
            valueName: "tool"
        )
    )
    var stores: [String] = []

    @Option(help: "The memory models may hold: a share such as 75%, or a size such as 12GiB.")
    var memory: String?

    @Option(help: "What runs the models: llama-server (default), or in-process.")
    var engine: String?

    @Option(help: ArgumentHelp("The llama-server program.", valueName: "path"))
    var llamaServer: String?

    @Option(help: "The tokens of context of one request. Default: up to 8192, as many as fit.")
    var context: String?

    @Option(help: "The requests a model answers at once. Default: 4")
    var parallel: String?

    @Option(help: "How keys and values are stored: f16, q8_0, q4_0 …")
    var kvType: String?

    @Option(help: "The threads that compute. Default: one a physical core")
    var threads: String?

    @Option(help: "The layers that go to the GPU. Default: all that fit")
    var gpuLayers: String?

    @Option(help: "How long an idle model stays: 10m, 0 for not at all, -1 until evicted.")
    var keepAlive: String?
}

/// Which models leave, and which come before they are asked for.
struct ServeEvictionOptions: ParsableArguments {
    @Option(help: "How victims are chosen: value or lru. Default: value")
    var policy: String?

    @Flag(
        help: """
            Unload idle models after a time that grows with what bringing them back costs, and \
            when other programs are short of memory.
            """
    )
    var sharedDesktop = false

    @Option(
        help: "What is loaded before it is asked for: off, hinted or predicted. Default: hinted"
    )
    var prefetch: String?

    @Option(
        help: ArgumentHelp(
            "Where what was learned of the models is kept, or off. Default: ~/.local/state/corral",
            valueName: "dir"
        )
    )
    var stateFolder: String?
}

/// The addresses the daemon listens at, and the clients it answers.
struct ServeNetworkOptions: ParsableArguments {
    @Option(help: "The address to listen at. Default: 127.0.0.1")
    var host: String?

    @Option(help: "The port to listen at. Default: 11435")
    var port: String?

    @Option(help: ArgumentHelp("A key clients must send; may be repeated.", valueName: "key"))
    var apiKey: [String] = []

    @Option(help: ArgumentHelp("A file with such keys, one a line.", valueName: "file"))
    var apiKeyFile: String?

    @Option(help: ArgumentHelp("The file of keys that `corral key` writes.", valueName: "file"))
    var keysFile: String?

    @Option(help: "The requests one key may have under way at once. Default: no limit")
    var keyConcurrency: String?

    @Option(help: "The largest request. Default: 64MiB")
    var bodyLimit: String?

    @Option(help: "The connections that may be open at once. Default: 1024")
    var maxConnections: String?

    @Option(help: ArgumentHelp("A name requests may be addressed to.", valueName: "name"))
    var allowedHost: [String] = []

    @Option(help: ArgumentHelp("A site whose pages may send requests.", valueName: "origin"))
    var allowedOrigin: [String] = []

    @Option(help: ArgumentHelp("A site whose pages may read answers too.", valueName: "origin"))
    var corsOrigin: [String] = []

    @Flag(help: "Listen where other machines can reach it though there is no key.")
    var insecureAllowRemote = false

    @Flag(help: "Listen at 127.0.0.1:11434 too, where Ollama's clients look.")
    var ollama = false

    @Option(help: ArgumentHelp("The same at another address or port.", valueName: "address"))
    var ollamaAt: String?
}

/// How long requests wait.
struct ServeQueueOptions: ParsableArguments {
    @Option(help: "How long a request may wait for its model. Default: 10m")
    var maxWait: String?

    @Option(help: "The requests that may wait at once. Default: 512")
    var queueLimit: String?

    @Option(help: "How long answers may take to finish at the end. Default: 30s")
    var grace: String?
}
