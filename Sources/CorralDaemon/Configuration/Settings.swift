import CorralCache
import CorralCatalogue
import CorralMemory
import CorralPlanner
import Logging

/// The settings of the daemon, read, checked and ready to use.
struct Settings: Sendable {
    /// How logs are written.
    enum LogFormat: String, CaseIterable, Sendable {
        case text
        case json
    }

    /// A host and a port to listen at.
    struct ListenAddress: Hashable, Sendable {
        var host: String
        var port: Int

        /// Where Ollama listens, and its clients look, unless told otherwise.
        static let ollama = ListenAddress(host: "127.0.0.1", port: 11434)
    }

    /// What runs the models.
    enum Engine: String, CaseIterable, Sendable {
        /// One process of llama.cpp's server for each.
        case llamaServer = "llama-server"
        /// llama.cpp's library, in the daemon itself.
        case inProcess = "in-process"
    }

    var engine = Engine.llamaServer
    /// The folders models are searched in.
    var folders: [String] = []
    /// The tools whose models are read where they are, in the order that decides about names.
    var stores: [ModelStore.Kind] = ModelStore.Kind.allCases.filter { $0 != .folder }
    /// Where those are, and the folders before them.
    var places: [ModelStore] = []
    var memory = MemoryBudget.standard
    var host = "127.0.0.1"
    var port = 11435
    /// The path of llama-server; searched for when `nil`.
    var llamaServer: String?
    /// What counts for every model that sets nothing else.
    var models = ModelOverrides()
    /// What is set for single models, in the order of the file.
    var overrides: [(name: String, overrides: ModelOverrides)] = []
    var keepAlive = KeepAlive.untilEvicted
    /// The name of the eviction policy.
    var policy = "value"
    /// Whether idle models give their memory back to other programs.
    var isSharedDesktop = false
    /// What is loaded before it is asked for.
    var prefetching = Prefetching.hinted
    /// Where what was learned is kept; nowhere when `nil`.
    var stateFolder: String?
    /// How long a request may wait for its model; `nil` for ever.
    var maximumWait: Duration? = .seconds(600)
    var queueLimit = 512
    /// How long answers may take to finish at the end.
    var grace = Duration.seconds(30)
    var apiKeys: [String] = []
    /// The file that `corral key` writes.
    var keysFile = ""
    /// The requests to models that may be under way with one key at once; `nil` for any number.
    var keyConcurrency: Int?
    /// The largest body of a request.
    var bodyLimit = ByteCount.mebibytes(64)
    var maxConnections = 1024
    var allowedHosts: [String] = []
    var allowedOrigins: [String] = []
    var corsOrigins: [String] = []
    var allowsRemote = false
    /// Where Ollama's clients are served besides; nowhere when `nil`.
    var ollama: ListenAddress?
    var logLevel = Logger.Level.info
    var logFormat = LogFormat.text

    /// What was written, and where.
    var sources: SettingSources
    /// The configuration file, where there is one.
    var file: ConfigFile?

    /// Whether only this machine can reach the address.
    var isLoopback: Bool { Self.isLoopback(host) }

    /// Whether other machines can reach one of the addresses.
    var isReachable: Bool { !isLoopback || ollama.map { !Self.isLoopback($0.host) } ?? false }

    /// Whether an address, or a name, is this machine's own.
    static func isLoopback(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isIPv4 = parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
        return (isIPv4 && parts[0] == "127")
            || ["localhost", "::1", "[::1]"].contains(host.lowercased())
    }
}
