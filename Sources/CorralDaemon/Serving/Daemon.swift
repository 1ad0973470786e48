import CorralCache
import CorralCatalogue
import CorralHost
import CorralLlamaServer
import CorralMemory
import CorralPlanner
import CorralServer
import CorralServing
import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// The parts of `corral serve`, wired to each other.
struct Daemon {
    let settings: Settings
    let environment: UserEnvironment
    let console: Console
    /// Reads the settings as they were read at the start.
    let reread: @Sendable () throws -> Settings

    /// Serves until it is told to end.
    ///
    /// - Throws: Where llama-server is not found, the machine cannot be read, or the address
    ///   cannot be listened on.
    func run() async throws {
        let live = LiveSettings(settings)
        let logger = live.logger("corral", writingTo: console)
        let stored = try StoredKeys(KeyFile(path: settings.keysFile), logger: logger)
        try settings.checkExposure(hasStoredKeys: !stored.keys.isEmpty)
        let keys = ServedKeys(live, stored)
        OpenFiles.allow(settings.maxConnections * 2 + 256)
        let machine = try Machine(environment)
        let catalogue = ModelCatalogue(settings)
        switch settings.engine {
        case .llamaServer:
            let engine = try engine(program(), machine, catalogue, live, logger)
            do {
                try await run(engine, machine, catalogue, live, keys, logger)
            } catch {
                await engine.shutdown()
                throw failure(error)
            }
            await engine.shutdown()
        case .inProcess:
            #if CORRAL_LLAMA
            let engine = inProcessEngine(machine, catalogue, live, logger)
            do {
                try await run(engine, machine, catalogue, live, keys, logger)
            } catch {
                throw failure(error)
            }
            #else
            throw CommandFailure(
                .configuration,
                """
                This corral was built without llama.cpp's library, so it has no in-process \
                engine; build it where pkg-config finds llama.pc, or use --engine llama-server.
                """
            )
            #endif
        }
    }

    /// Serves with an engine until it is told to end.
    private func run<Engine: ModelEngine>(
        _ engine: Engine,
        _ machine: Machine,
        _ catalogue: ModelCatalogue,
        _ live: LiveSettings,
        _ keys: ServedKeys,
        _ logger: Logger
    ) async throws where Engine.Model: ServedModel {
        let file = settings.stateFolder.map { LearnedStateFile(folder: $0) }
        let cache = try ModelCache(
            engine: engine,
            host: machine,
            memory: settings.memory,
            configuration: cacheConfiguration(learned: file?.reading(logger)),
            logger: logger
        )
        let reloader = Reloader(
            live,
            catalogue: catalogue,
            cache: cache,
            logger: logger,
            hasStoredKeys: { keys.hasStored },
            read: reread
        )
        var serving = serverConfiguration(machine, keys)
        serving.reload = { try await reloader.reload() }
        let service = CorralService(
            cache: cache,
            directory: CatalogueDirectory(catalogue: catalogue),
            configuration: serving,
            addresses: [.hostname(settings.host, port: settings.port)],
            ollamaAddresses: settings.ollama.map { [.hostname($0.host, port: $0.port)] } ?? [],
            logger: logger,
            onListening: { channel in listening(channel, catalogue, machine, keys) }
        )
        var services: [any Service] = [service]
        if let file {
            // First to start is last to end: what the last answers taught is saved too.
            let keeper = LearnedStateKeeper(cache: cache, file: file, logger: logger)
            services.insert(keeper, at: 0)
        }
        try await run(ServiceGroup(services: services, logger: logger), logger) {
            await reloader.reloadQuietly()
        } watching: {
            await CatalogueWatch(catalogue: catalogue, cache: cache, logger: logger).run()
        }
    }

    private func program() throws -> String {
        try LlamaServerFinder().find(
            settings.llamaServer.map { path in
                (path, settings.sources.values[.llamaServer]?.source ?? .standard)
            },
            environment
        )
    }

    /// Runs until the services end, of themselves or because a signal asks for it.
    private func run(
        _ group: ServiceGroup,
        _ logger: Logger,
        reloading reload: @escaping @Sendable () async -> Void,
        watching watch: @escaping @Sendable () async -> Void
    ) async throws {
        let signals = ProcessSignals.received(ProcessSignals.termination)
        let hangups = ProcessSignals.received(ProcessSignals.hangup)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask { for await _ in hangups { await reload() } }
            tasks.addTask { await watch() }
            tasks.addTask {
                var count = 0
                for await _ in signals {
                    count += 1
                    // llama-servers end with this process, so nothing is left behind.
                    guard count == 1 else { ProcessSignals.endProcess() }
                    logger.notice("ending: answers may finish; a second signal ends at once")
                    await group.triggerGracefulShutdown()
                }
            }
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    private func engine(
        _ program: String,
        _ machine: Machine,
        _ catalogue: ModelCatalogue,
        _ live: LiveSettings,
        _ logger: Logger
    ) throws -> LlamaServerEngine {
        let file = CorrectionFile(environment)
        let corrections = CorrectionBook(file.read()) { store in
            do {
                try file.write(store)
            } catch {
                logger.warning(
                    "what models take in memory cannot be written down",
                    metadata: ["file": "\(file.path)", "error": "\(error)"]
                )
            }
        }
        return try LlamaServerEngine(
            LlamaServerConfiguration(
                program: program,
                environment: environment.variables,
                runtimeFolder: environment["XDG_RUNTIME_DIR"],
                accelerators: machine.accelerators,
                cpu: machine.cpu,
                threads: machine.threads
            ),
            options: { model in
                live.current.options(for: catalogue.entry(at: model.path), as: model.role)
            },
            memory: machine.processMemory,
            files: machine.files,
            corrections: corrections,
            logger: logger
        )
    }

    private func cacheConfiguration(
        learned: (state: LearnedState, ago: Duration)?
    ) throws -> CacheConfiguration {
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

    private func serverConfiguration(
        _ machine: Machine,
        _ keys: ServedKeys
    ) -> ServerConfiguration {
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
        configuration.version = Version.number
        configuration.ownMemory = {
            machine.processMemory(ProcessInfo.processInfo.processIdentifier)
                .map { $0.exclusive + $0.fileBacked }
        }
        return configuration
    }

    /// Says that an address is listened at: the daemon's own, or that of Ollama's clients.
    private func listening(
        _ channel: any Channel,
        _ catalogue: ModelCatalogue,
        _ machine: Machine,
        _ keys: ServedKeys
    ) {
        let port = channel.localAddress?.port ?? settings.port
        guard let ollama = settings.ollama,
            port == ollama.port || (ollama.port == 0 && port != settings.port)
        else { return greet(port, catalogue, machine, keys) }
        let host = ollama.host.contains(":") ? "[\(ollama.host)]" : ollama.host
        console.print("Ollama clients: http://\(host):\(port), where they look of themselves.")
    }

    private func greet(
        _ port: Int,
        _ catalogue: ModelCatalogue,
        _ machine: Machine,
        _ keys: ServedKeys
    ) {
        let name = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        guard let host = try? machine.read() else { return }
        let welcome = Welcome(
            url: "http://\(name):\(port)",
            listing: catalogue.listing(),
            memory: settings.memory,
            host: host,
            isOpen: settings.isReachable && keys.keys.isEmpty,
            isPlain: settings.isReachable
        )
        for line in welcome.lines { console.print(line) }
        for warning in welcome.warnings {
            console.note("\(console.styled("warning:", .yellow)) \(warning)")
        }
    }

    /// The sentence for an address that cannot be listened on.
    private func failure(_ error: any Error) -> any Error {
        guard let error = error as? ListeningError else { return error }
        if let ollama = settings.ollama,
            error.address == .hostname(ollama.host, port: ollama.port)
        {
            return CommandFailure(
                .failure,
                """
                \(ollama.host):\(ollama.port) cannot be listened on (\(error.reason)); most \
                likely Ollama runs there: stop it (systemctl stop ollama, or quit its app), name \
                another address with --ollama-at, or serve without --ollama.
                """
            )
        }
        return CommandFailure(
            .failure,
            """
            \(settings.host):\(settings.port) cannot be listened on (\(error.reason)); another \
            program, perhaps another corral, may use it: choose another with --port.
            """
        )
    }
}

extension Machine: HostMemoryReader {
    func read() throws -> HostMemory { try memory() }
}
