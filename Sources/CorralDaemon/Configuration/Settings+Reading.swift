import CorralCache
import CorralCatalogue
import CorralMemory
import CorralPlanner
import Foundation
import Logging

extension Settings {
    /// Reads the settings from everywhere they can be made.
    ///
    /// - Parameters:
    ///   - flags: What was given on the command line.
    ///   - configuration: The configuration file that was named there, if one was.
    ///   - environment: The variables.
    /// - Returns: The settings that count.
    /// - Throws: ``ConfigurationError``, also where a file that was named is not there.
    package static func read(
        flags: [Setting: [String]] = [:],
        configuration: String? = nil,
        environment: UserEnvironment = .current
    ) throws(ConfigurationError) -> Settings {
        let named = configuration ?? environment["CORRAL_CONFIG"]
        var file: ConfigFile?
        if let named {
            file = try ConfigFile(path: environment.path(named))
        } else if FileManager.default.fileExists(atPath: environment.configurationFile) {
            file = try ConfigFile(path: environment.configurationFile)
        }
        return try Settings(flags: flags, environment: environment, file: file)
    }

    /// Reads the settings from what is given.
    package init(
        flags: [Setting: [String]] = [:],
        environment: UserEnvironment,
        file: ConfigFile? = nil
    ) throws(ConfigurationError) {
        let sources = SettingSources(flags: flags, environment: environment, file: file)
        self.init(sources: sources, file: file)
        keysFile = environment.keysFile
        for setting in Setting.allCases {
            guard let value = sources.values[setting] else { continue }
            try set(setting, value, environment)
        }
        if sources.values[.folders] == nil {
            let standard = environment.modelFolders
            let present = standard.filter { FileManager.default.fileExists(atPath: $0) }
            folders = present.isEmpty ? Array(standard.prefix(1)) : present
        }
        if sources.values[.stateFolder] == nil { stateFolder = environment.stateFolder }
        // On a desktop models leave in time, unless somebody said how long they stay.
        if isSharedDesktop, sources.values[.keepAlive] == nil { keepAlive = .sharedDesktop }
        places =
            folders.map { ModelStore(.folder, at: $0) }
            + ModelStore.defaults(
                stores,
                variables: environment.variables,
                home: environment.home,
                isDarwin: UserEnvironment.isDarwin
            )
        overrides = try file?.overrides() ?? []
    }

    private mutating func set(
        _ setting: Setting,
        _ value: SettingSources.Value,
        _ environment: UserEnvironment
    ) throws(ConfigurationError) {
        let text = SettingText(
            value.texts.last ?? "",
            name: setting.key,
            source: value.source
        )
        switch setting {
        case .folders: folders = value.texts.map { path($0, value.source, environment) }
        case .stores: stores = try Self.stores(value, text)
        case .memory: memory = try text.memory()
        case .host:
            let address = try text.address()
            host = address.host
            // A port of its own goes before what is written beside the address.
            if let port = address.port, sources.values[.port] == nil { self.port = port }
        case .port: port = try text.number(in: 0...65535)
        case .engine: engine = try text.choice(Engine.allCases)
        case .llamaServer: llamaServer = path(text.text, value.source, environment)
        case .context: models.contextTokens = try text.number(in: 1...Int(Int32.max))
        case .parallel: models.slots = try text.number(in: 1...256)
        case .kvType:
            models.keyCacheType = try text.choice(CacheType.allCases)
            models.valueCacheType = models.keyCacheType
        case .threads: models.threads = try text.number(in: 1...1024)
        case .gpuLayers: models.gpuLayers = try text.number(in: 0...100_000)
        case .keepAlive: keepAlive = try text.keepAlive()
        case .policy: policy = try text.word(EvictionPolicies.names)
        case .sharedDesktop: isSharedDesktop = try text.flag()
        case .prefetch: prefetching = try text.choice(Prefetching.allCases)
        case .stateFolder:
            let isOff = text.text.lowercased() == "off"
            stateFolder = isOff ? nil : path(text.text, value.source, environment)
        case .maxWait: maximumWait = try text.duration()
        case .queueLimit: queueLimit = try text.number(in: 0...1_000_000)
        case .grace: grace = try text.duration() ?? .seconds(86_400)
        case .apiKey: apiKeys += value.texts
        case .apiKeyFile:
            apiKeys += try keys(in: path(text.text, value.source, environment), text)
        case .keysFile: keysFile = path(text.text, value.source, environment)
        case .keyConcurrency: keyConcurrency = try text.number(in: 1...1_000_000)
        case .bodyLimit: bodyLimit = try text.size()
        case .maxConnections: maxConnections = try text.number(in: 1...1_000_000)
        case .allowedHost: allowedHosts = value.texts
        case .allowedOrigin: allowedOrigins = value.texts
        case .corsOrigin: corsOrigins = value.texts
        case .allowRemote: allowsRemote = try text.flag()
        case .ollama: ollama = try text.ollama()
        case .logLevel: logLevel = try text.choice(Logger.Level.allCases)
        case .logFormat: logFormat = try text.choice(LogFormat.allCases)
        }
    }

    /// A relative path in the file is meant from where the file is.
    private func path(
        _ text: String,
        _ source: SettingSource,
        _ environment: UserEnvironment
    ) -> String {
        if case .file(let file, _) = source {
            return environment.path(text, in: (file as NSString).deletingLastPathComponent)
        }
        return environment.path(text)
    }

    /// The tools named; `none`, or an empty list, for no tool.
    private static func stores(
        _ value: SettingSources.Value,
        _ text: SettingText
    ) throws(ConfigurationError) -> [ModelStore.Kind] {
        if value.texts.map({ $0.lowercased() }) == ["none"] { return [] }
        var kinds: [ModelStore.Kind] = []
        for name in value.texts {
            let text = SettingText(name, name: text.name, source: text.source)
            let kind = try text.choice(ModelStore.Kind.allCases.filter { $0 != .folder })
            if !kinds.contains(kind) { kinds.append(kind) }
        }
        return kinds
    }

    private func keys(
        in path: String,
        _ text: SettingText
    ) throws(ConfigurationError) -> [String] {
        guard let content = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw text.error("the path of a file with one key a line; \(path) cannot be read")
        }
        let lines = content.split(whereSeparator: \.isNewline).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        let keys = lines.filter { !$0.isEmpty && !$0.hasPrefix("#") }
        guard !keys.isEmpty else {
            throw text.error("the path of a file with one key a line; \(path) has none")
        }
        return keys
    }

    /// Checks that nobody but this machine, or who has a key, can use the server.
    ///
    /// - Parameter hasStoredKeys: Whether there is a key in the file of keys.
    /// - Throws: ``ConfigurationError/Code/exposed``.
    package func checkExposure(hasStoredKeys: Bool = false) throws(ConfigurationError) {
        guard isReachable, apiKeys.isEmpty, !hasStoredKeys, !allowsRemote else { return }
        let setting: Setting = isLoopback ? .ollama : .host
        let host = isLoopback ? ollama?.host ?? host : host
        throw ConfigurationError(
            .exposed,
            at: sources.values[setting]?.source,
            """
            \(host) can be reached from other machines, and anyone there could use the models. \
            Make a key with `corral key create`, or say --insecure-allow-remote if that is meant.
            """
        )
    }
}

extension SettingText {
    /// The address that Ollama's clients are served at: none, Ollama's own, or another.
    package func ollama() throws(ConfigurationError) -> Settings.ListenAddress? {
        let standard = Settings.ListenAddress.ollama
        if let isOn = try? flag() { return isOn ? standard : nil }
        if let port = Int(text), (0...65535).contains(port) {
            return Settings.ListenAddress(host: standard.host, port: port)
        }
        guard let address = Address(parsing: text) else {
            throw error("true, false, a port, or an address such as 127.0.0.1:11434")
        }
        return Settings.ListenAddress(host: address.host, port: address.port ?? standard.port)
    }

    /// A host, with or without a port and `http://`.
    package func address() throws(ConfigurationError) -> (host: String, port: Int?) {
        guard let address = Address(parsing: text) else {
            throw error("an address such as 127.0.0.1 or 127.0.0.1:11435")
        }
        return (address.host, address.port)
    }
}
