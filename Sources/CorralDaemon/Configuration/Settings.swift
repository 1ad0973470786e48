package import CorralCache
package import CorralCatalogue
package import CorralMemory
package import Logging

/// The settings of the daemon, read, checked and ready to use.
package struct Settings: Sendable {
    /// How logs are written.
    package enum LogFormat: String, CaseIterable, Sendable {
        case text
        case json
    }

    /// A host and a port to listen at.
    package struct ListenAddress: Hashable, Sendable {
        package var host: String
        package var port: Int

        /// The address that Ollama listens at, and its clients look at, by default.
        package static let ollama = ListenAddress(host: "127.0.0.1", port: 11434)
    }

    /// The engines that can run the models.
    package enum Engine: String, CaseIterable, Sendable {
        /// A process of llama.cpp's server for each model.
        case llamaServer = "llama-server"
        /// llama.cpp's library, in the daemon itself.
        case inProcess = "in-process"
    }

    package var engine = Engine.llamaServer
    /// The folders models are searched in.
    package var folders: [String] = []
    /// The tools whose models are read where they are, in the order that decides about names.
    package var stores: [ModelStore.Kind] = ModelStore.Kind.allCases.filter { $0 != .folder }
    /// The folders of models, and behind them the folders of those tools.
    package var places: [ModelStore] = []
    package var memory = MemoryBudget.standard
    package var host = "127.0.0.1"
    package var port = 11435
    /// The path of llama-server; searched for when `nil`.
    package var llamaServer: String?
    /// How models are loaded for which nothing else is set.
    package var models = ModelOverrides()
    /// The settings of single models, in the order of the file.
    package var overrides: [(name: String, overrides: ModelOverrides)] = []
    package var keepAlive = KeepAlive.untilEvicted
    /// The name of the eviction policy.
    package var policy = "value"
    /// Whether idle models give their memory back to other programs.
    package var isSharedDesktop = false
    /// Which models are loaded before they are asked for.
    package var prefetching = Prefetching.hinted
    /// The folder that keeps what was learned of the models; nothing is kept when `nil`.
    package var stateFolder: String?
    /// How long a request may wait for its model; `nil` for ever.
    package var maximumWait: Duration? = .seconds(600)
    package var queueLimit = 512
    /// How long answers may take to finish at the end.
    package var grace = Duration.seconds(30)
    package var apiKeys: [String] = []
    /// The file that `corral key` writes.
    package var keysFile = ""
    /// The requests to models that may be under way with one key at once; `nil` for any number.
    package var keyConcurrency: Int?
    /// The largest body of a request.
    package var bodyLimit = ByteCount.mebibytes(64)
    package var maxConnections = 1024
    package var allowedHosts: [String] = []
    package var allowedOrigins: [String] = []
    package var corsOrigins: [String] = []
    package var allowsRemote = false
    /// A second address, at which Ollama's clients are served; none when `nil`.
    package var ollama: ListenAddress?
    package var logLevel = Logger.Level.info
    package var logFormat = LogFormat.text

    /// The settings as they are written, each with its place.
    package var sources: SettingSources
    /// The configuration file, where there is one.
    package var file: ConfigFile?

    /// The defaults, with what was written somewhere and a file.
    package init(sources: SettingSources, file: ConfigFile? = nil) {
        self.sources = sources
        self.file = file
    }

    /// Whether only this machine can reach the address.
    package var isLoopback: Bool { Self.isLoopback(host) }

    /// Whether other machines can reach one of the addresses.
    package var isReachable: Bool {
        !isLoopback || ollama.map { !Self.isLoopback($0.host) } ?? false
    }

    /// Whether an address, or a name, is this machine's own.
    package static func isLoopback(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isIPv4 = parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
        return (isIPv4 && parts[0] == "127")
            || ["localhost", "::1", "[::1]"].contains(host.lowercased())
    }
}
