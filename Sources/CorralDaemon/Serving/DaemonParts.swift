import CorralCache
package import CorralCatalogue
import CorralHost
import CorralLlamaServer
import CorralMemory
import CorralPlanner
import CorralServer
import Foundation
import Logging

#if CORRAL_LLAMA
package import CorralLlama
#endif

/// What a daemon consists of, whatever engine it has.
struct DaemonParts: Sendable {
    private let settings: Settings
    private let surroundings: Daemon.Surroundings
    private let thread: BlockingThread

    let live: LiveSettings
    let logger: Logger
    let stored: StoredKeys
    let keys: ServedKeys
    let machine: Machine
    let catalogue: ModelCatalogue
    let watch: CatalogueWatch
    /// What this process takes in memory itself, for the metrics.
    let ownMemory: Sampler<ByteCount?>
    let greeting: Greeting

    /// Reads all that has to be read before anything is served, on a thread that may block.
    ///
    /// - Throws: Where keys or the machine cannot be read, or anybody could use the server.
    init(_ settings: Settings, _ surroundings: Daemon.Surroundings) async throws {
        let thread = BlockingThread("corral.files")
        self = try await thread.run {
            try DaemonParts(settings, surroundings, thread)
        }
    }

    private init(
        _ settings: Settings,
        _ surroundings: Daemon.Surroundings,
        _ thread: BlockingThread
    ) throws {
        self.settings = settings
        self.surroundings = surroundings
        self.thread = thread
        live = LiveSettings(settings)
        logger = live.logger("corral", writingTo: surroundings.output.log)
        stored = try StoredKeys(KeyFile(path: settings.keysFile), logger: logger)
        try settings.checkExposure(hasStoredKeys: !stored.keys.isEmpty)
        keys = ServedKeys(live, stored)
        OpenFiles.allow(settings.maxConnections * 2 + 256)
        machine = try surroundings.machine()
        catalogue = ModelCatalogue(settings, in: surroundings.folders)
        catalogue.search()
        watch = CatalogueWatch(catalogue, logger: logger)
        let (read, own) = (machine.processMemory, ProcessInfo.processInfo.processIdentifier)
        let measure: @Sendable (ByteCount?) -> ByteCount? = { _ in
            read(own).map { $0.exclusive + $0.fileBacked }
        }
        ownMemory = Sampler("corral.memory", initial: measure(nil), read: measure)
        greeting = Greeting(
            settings: settings,
            output: surroundings.output,
            catalogue: catalogue,
            host: try machine.memory(),
            keys: keys
        )
    }

    /// llama-server processes as the engine.
    func llamaServer() throws -> LlamaServerEngine {
        let (live, catalogue) = (live, catalogue)
        return try LlamaServerEngine(
            LlamaServerConfiguration(
                program: surroundings.findServer(settings),
                environment: surroundings.environment.variables,
                runtimeFolder: surroundings.environment["XDG_RUNTIME_DIR"],
                accelerators: machine.accelerators,
                cpu: machine.cpu,
                threads: machine.threads
            ),
            options: { model in
                live.current.serverOptions(for: catalogue.entry(at: model.path), as: model.role)
            },
            memory: machine.processMemory,
            files: machine.files,
            corrections: corrections(),
            logger: logger
        )
    }

    #if CORRAL_LLAMA
    /// llama.cpp's library, in this process, as the engine.
    func library() -> LlamaEngine {
        let (live, catalogue) = (live, catalogue)
        return LlamaEngine(
            LlamaEngine.Configuration(machine),
            options: { model in
                LlamaOptions(
                    live.current.librarySettings(
                        for: catalogue.entry(at: model.path),
                        as: model.role
                    )
                )
            },
            logger: logger
        )
    }
    #endif

    /// What was measured of processes, written down whenever there is more.
    private func corrections() -> CorrectionBook {
        let (logger, thread) = (logger, thread)
        let file = CorrectionFile(surroundings.environment)
        return CorrectionBook(file.read()) { store in
            thread.start {
                do {
                    try file.write(store)
                } catch {
                    logger.warning(
                        "what models take in memory cannot be written down",
                        metadata: ["file": "\(file.path)", "error": "\(error)"]
                    )
                }
            }
        }
    }

    /// Suspends until everything that was to be written is written.
    func finishWriting() async { try? await thread.run {} }

    /// How the cache decides, and what it learned in earlier runs.
    func cacheConfiguration(_ file: LearnedStateFile?) async throws -> CacheConfiguration {
        let logger = logger
        let learned = try await thread.run { file?.reading(logger) }
        var configuration = CacheConfiguration()
        configuration.policy = try EvictionPolicies.named(settings.policy)
        configuration.prefetching = settings.prefetching
        configuration.givesMemoryBack = settings.isSharedDesktop
        configuration.learned = learned?.state
        configuration.learnedAgo = learned?.ago ?? .zero
        configuration.keepAlive = settings.keepAlive
        configuration.queueLimit = settings.queueLimit
        configuration.maximumWait = settings.maximumWait
        return configuration
    }

    /// Who may ask the server, and how much.
    var serverConfiguration: ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.allowedHosts = settings.allowedHosts
        configuration.allowedOrigins = settings.allowedOrigins
        configuration.corsOrigins = settings.corsOrigins
        configuration.admitsAddresses = settings.isReachable
        configuration.keys = keys
        configuration.requiresKey = settings.isReachable && !settings.allowsRemote
        configuration.keyConcurrency = settings.keyConcurrency
        configuration.bodyLimit = Int(clamping: settings.bodyLimit.rawValue)
        configuration.connectionLimit = settings.maxConnections
        configuration.maximumWait = settings.maximumWait
        configuration.shutdownGrace = settings.grace
        configuration.version = surroundings.version
        configuration.ownMemory = { [ownMemory] in ownMemory.latest }
        return configuration
    }
}

extension ModelCatalogue {
    /// The catalogue that settings describe; it is empty until it is searched.
    package convenience init(_ settings: Settings, in tree: any FolderTree = DiskFolders()) {
        self.init(stores: settings.places, overrides: settings.overrides, tree: tree)
    }
}

#if CORRAL_LLAMA
extension LlamaEngine.Configuration {
    /// The machine as corral knows it.
    package init(_ machine: Machine) {
        self.init(
            threads: machine.threads,
            cpu: machine.cpu,
            accelerators: machine.accelerators
        )
    }
}
#endif
