import CorralCache
import CorralHost
import CorralLlamaServer
import CorralServer
import CorralServing
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

#if CORRAL_LLAMA
import CorralLlama
import CorralLlamaServing
#endif

/// The daemon: an engine, the cache that decides what it holds, and the server over both.
///
/// It touches the world outside through its ``Surroundings`` alone, so that a test can run it in its
/// own process.
package struct Daemon: Sendable {
    private let settings: Settings
    private let surroundings: Surroundings

    /// Describes a daemon; nothing is read or started before it is run.
    ///
    /// - Parameters:
    ///   - settings: What it is to do, read and checked.
    ///   - surroundings: The world around it.
    package init(_ settings: Settings, in surroundings: Surroundings) {
        self.settings = settings
        self.surroundings = surroundings
    }

    /// Serves until a signal asks for the end, or the task is cancelled.
    ///
    /// - Throws: ``ConfigurationError`` where llama-server is not found, a key file makes no sense
    ///   or an address cannot be listened on; `HostError` where the machine cannot be read.
    package func run() async throws {
        let parts = try await DaemonParts(settings, surroundings)
        switch settings.engine {
        case .llamaServer:
            let engine = try parts.llamaServer()
            do {
                try await serve(engine, parts)
            } catch {
                await engine.shutdown()
                throw error
            }
            await engine.shutdown()
        case .inProcess:
            #if CORRAL_LLAMA
            try await serve(parts.library(), parts)
            #else
            throw ConfigurationError(
                .missingEngine,
                """
                This corral was built without llama.cpp's library, so it has no in-process \
                engine; build it where pkg-config finds llama.pc, or use --engine llama-server.
                """
            )
            #endif
        }
        await parts.finishWriting()
    }

    /// Serves with an engine of the caller's.
    ///
    /// - Throws: As ``run()``.
    func run<Engine: ModelEngine>(with engine: Engine) async throws
    where Engine.Model: ServedModel {
        let parts = try await DaemonParts(settings, surroundings)
        try await serve(engine, parts)
    }

    private func serve<Engine: ModelEngine>(
        _ engine: Engine,
        _ parts: DaemonParts
    ) async throws where Engine.Model: ServedModel {
        let file = settings.stateFolder.map { LearnedStateFile(folder: $0) }
        let cache = try ModelCache(
            engine: engine,
            host: parts.machine,
            memory: settings.memory,
            configuration: try await parts.cacheConfiguration(file),
            clock: surroundings.clock,
            logger: parts.logger
        )
        let reloader = Reloader(
            parts.live,
            catalogue: parts.catalogue,
            cache: cache,
            logger: parts.logger,
            hasStoredKeys: { parts.keys.hasStored },
            read: surroundings.readSettings
        )
        var configuration = parts.serverConfiguration
        configuration.reload = { try await reloader.reload() }
        let service = CorralService(
            cache: cache,
            directory: CatalogueDirectory(parts.catalogue) { await parts.watch.refresh() },
            configuration: configuration,
            addresses: [.hostname(settings.host, port: settings.port)],
            ollamaAddresses: settings.ollama.map { [.hostname($0.host, port: $0.port)] } ?? [],
            logger: parts.logger,
            clock: surroundings.clock,
            onListening: { parts.greeting.listening($0.localAddress?.port) }
        )
        var services: [any Service] = [service]
        if let file {
            // First to start is last to end: what the last answers taught is saved too.
            let keeper = LearnedStateKeeper(
                cache: cache,
                file: file,
                logger: parts.logger,
                clock: surroundings.clock
            )
            services.insert(keeper, at: 0)
        }
        do {
            try await run(
                ServiceGroup(services: services, logger: parts.logger),
                parts,
                reloading: { await reloader.reloadQuietly() },
                watching: { await parts.watch.run(pinningIn: cache, clock: surroundings.clock) }
            )
        } catch let error as ListeningError {
            throw ConfigurationError(error, settings)
        }
    }

    /// Runs until the services end, of themselves or because a signal asks for it.
    private func run(
        _ group: ServiceGroup,
        _ parts: DaemonParts,
        reloading reload: @escaping @Sendable () async -> Void,
        watching watch: @escaping @Sendable () async -> Void
    ) async throws {
        let (surroundings, logger) = (surroundings, parts.logger)
        let signals = surroundings.signals()
        // What each task returns: whether the daemon ends with it.
        try await withThrowingTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                try await group.run()
                return true
            }
            let background: [@Sendable () async -> Void] = [
                watch,
                { await parts.stored.run(clock: surroundings.clock) },
                { await parts.ownMemory.run(every: .seconds(1), clock: surroundings.clock) },
                { await Self.obey(signals, group, logger, surroundings.endNow, reload) },
            ]
            for work in background {
                tasks.addTask {
                    await work()
                    return false
                }
            }
            while let ends = try await tasks.next(), !ends {}
            tasks.cancelAll()
        }
    }

    /// Does what signals ask for, until there are no more.
    private static func obey(
        _ signals: AsyncStream<DaemonSignal>,
        _ group: ServiceGroup,
        _ logger: Logger,
        _ endNow: @Sendable () -> Void,
        _ reload: @escaping @Sendable () async -> Void
    ) async {
        await withDiscardingTaskGroup { reloads in
            var wasAsked = false
            for await signal in signals {
                switch signal {
                // Beside this loop, so that the end can be asked for while a disk is slow.
                case .reload: reloads.addTask { await reload() }
                // llama-servers end with this process: nothing is left behind.
                case .end where wasAsked: endNow()
                case .end:
                    wasAsked = true
                    logger.notice("ending: answers may finish; a second signal ends at once")
                    await group.triggerGracefulShutdown()
                }
            }
        }
    }
}

extension ConfigurationError {
    /// What a person can do about an address that cannot be listened on.
    fileprivate init(_ error: ListeningError, _ settings: Settings) {
        if let ollama = settings.ollama,
            error.address == .hostname(ollama.host, port: ollama.port)
        {
            self.init(
                .addressInUse,
                """
                \(ollama.host):\(ollama.port) cannot be listened on (\(error.reason)); most \
                likely Ollama runs there: stop it (systemctl stop ollama, or quit its app), name \
                another address with --ollama-at, or serve without --ollama.
                """
            )
            return
        }
        self.init(
            .addressInUse,
            """
            \(settings.host):\(settings.port) cannot be listened on (\(error.reason)); another \
            program, perhaps another corral, may use it: choose another with --port.
            """
        )
    }
}
