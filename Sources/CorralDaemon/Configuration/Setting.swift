/// A setting of the daemon, one name in three places: `--max-wait`, `CORRAL_MAX_WAIT`, and
/// `max-wait:` in the configuration file.
///
/// Two are called differently: the folders of models are `--models` and `CORRAL_MODELS`, but
/// `folders:` in the file, where `models:` holds what is set for single models; and one of the
/// `stores:` is a `--store`.
package enum Setting: String, CaseIterable, Sendable {
    case folders
    case stores
    case memory
    case host
    case port
    case engine
    case llamaServer = "llama-server"
    case context
    case parallel
    case kvType = "kv-type"
    case threads
    case gpuLayers = "gpu-layers"
    case keepAlive = "keep-alive"
    case policy
    case sharedDesktop = "shared-desktop"
    case prefetch
    case stateFolder = "state-folder"
    case maxWait = "max-wait"
    case queueLimit = "queue-limit"
    case grace
    case apiKey = "api-key"
    case apiKeyFile = "api-key-file"
    case keysFile = "keys-file"
    case keyConcurrency = "key-concurrency"
    case bodyLimit = "body-limit"
    case maxConnections = "max-connections"
    case allowedHost = "allowed-host"
    case allowedOrigin = "allowed-origin"
    case corsOrigin = "cors-origin"
    case allowRemote = "insecure-allow-remote"
    case ollama
    case logLevel = "log-level"
    case logFormat = "log-format"

    /// The key in the configuration file.
    package var key: String { rawValue }

    /// The name behind `--`.
    package var flag: String {
        switch self {
        case .folders: "models"
        case .stores: "store"
        default: rawValue
        }
    }

    /// The name of the environment variable.
    package var variable: String {
        let name = self == .stores ? rawValue : flag
        return "CORRAL_" + String(name.uppercased().map { $0 == "-" ? "_" : $0 })
    }

    /// Whether it holds several values, in the environment with commas between them.
    package var isList: Bool {
        switch self {
        case .folders, .stores, .apiKey, .allowedHost, .allowedOrigin, .corsOrigin: true
        default: false
        }
    }

    /// Whether its value must not be shown.
    package var isSecret: Bool { self == .apiKey }

    /// The default value, in the form it would be written in; `nil` where there is none, or where it
    /// depends on the machine.
    package var defaultText: String? {
        switch self {
        case .stores: "ollama, lm-studio, llama.cpp, hugging-face"
        case .memory: "75%"
        case .engine: "llama-server"
        case .host: "127.0.0.1"
        case .port: "11435"
        case .parallel: "4"
        case .kvType: "f16"
        case .keepAlive: "-1"
        case .policy: "value"
        case .sharedDesktop: "false"
        case .prefetch: "hinted"
        case .maxWait: "10m"
        case .queueLimit: "512"
        case .grace: "30s"
        case .bodyLimit: "64MiB"
        case .maxConnections: "1024"
        case .allowRemote, .ollama: "false"
        case .logLevel: "info"
        case .logFormat: "text"
        default: nil
        }
    }

    /// What people are told where nothing is set and there is no ``defaultText``.
    package var absence: String {
        switch self {
        case .llamaServer: "searched for"
        case .context: "up to 8192, as many as fit"
        case .threads: "one a physical core"
        case .gpuLayers: "all that fit"
        case .keyConcurrency: "no limit"
        default: "none"
        }
    }
}
