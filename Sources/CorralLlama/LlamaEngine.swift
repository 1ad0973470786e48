public import CorralCache
import CorralHost
public import CorralMemory
public import CorralPlanner
import Foundation
public import Logging

/// Loads models into this process, with llama.cpp's library.
///
/// ```swift
/// let cache = try ModelCache(engine: LlamaEngine(), memory: .share(0.75))
/// try await cache.withModel("model.gguf", as: .chat) { llama in
///     for try await piece in llama.reply(to: "Hello") { print(piece, terminator: "") }
/// }
/// ```
///
/// The weights of a file are in memory once, whatever roles it plays. Each role has a context and a
/// thread of its own, so that nothing here blocks Swift's own threads.
public final class LlamaEngine: Sendable {
    /// The machine, and what counts for every model.
    public struct Configuration: Sendable {
        /// The threads that compute, where a model's options do not say.
        public var threads: Int

        /// What the CPU can, as far as weights are repacked for it.
        public var cpu: CPUFeatures

        /// The devices layers can be offloaded to; empty for none.
        public var accelerators: [CorralPlanner.Accelerator]

        /// The folder that conversations are saved in when their model is unloaded; `nil` for none.
        public var stateFolder: String?

        /// Creates a configuration for a known machine.
        public init(
            threads: Int,
            cpu: CPUFeatures = [],
            accelerators: [CorralPlanner.Accelerator] = [],
            stateFolder: String? = nil
        ) {
            self.threads = threads
            self.cpu = cpu
            self.accelerators = accelerators
            self.stateFolder = stateFolder
        }

        /// This machine: a thread for each physical core, and Metal where llama.cpp has it.
        ///
        /// Other devices are named by whoever knows them.
        public static var thisMachine: Configuration {
            guard let description = try? HostDescription(.live()) else {
                return Configuration(threads: 1)
            }
            var cpu: CPUFeatures = []
            for feature in description.features {
                switch feature {
                case .avx2: cpu.insert(.avx2)
                case .avx512: cpu.insert(.avx512)
                case .neon: cpu.insert(.neon)
                case .dotProduct: cpu.insert(.dotProduct)
                case .int8MatrixMultiply: cpu.insert(.int8MatrixMultiply)
                default: break
                }
            }
            let isApple = description.gpus.contains { $0.vendor == .apple }
            return Configuration(
                threads: description.physicalCores ?? description.logicalCores,
                cpu: cpu,
                accelerators: isApple && Library.offloads
                    ? [Accelerator(domain: .host, bufferName: "Metal", backend: .metal)] : []
            )
        }
    }

    let configuration: Configuration
    let store = WeightsStore()
    let logger: Logger?
    private let chosenOptions: @Sendable (ModelID) -> LlamaOptions

    /// Creates an engine; nothing is loaded yet.
    ///
    /// - Parameters:
    ///   - configuration: The machine; this one where none is given.
    ///   - options: What each model is loaded with, where a request does not say.
    ///   - logger: Where llama.cpp's log goes: what it calls information at debug level, warnings
    ///     and errors as such.
    public init(
        _ configuration: Configuration = .thisMachine,
        options: @escaping @Sendable (ModelID) -> LlamaOptions = { _ in LlamaOptions() },
        logger: Logger? = nil
    ) {
        var configuration = configuration
        // A machine may have devices that this llama.cpp was built without.
        if !Library.offloads { configuration.accelerators = [] }
        self.configuration = configuration
        self.logger = logger
        chosenOptions = options
        Library.prepare()
    }
}

extension LlamaEngine {
    /// A path from the root, without `..`: models are told apart by their paths as text.
    static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }
}

extension LlamaEngine: ModelEngine {
    /// The options of a model for which no request chose any.
    public func defaultOptions(for model: ModelID) -> LlamaOptions { chosenOptions(model) }

    /// Reads a model's file and predicts what loading it would take.
    ///
    /// - Throws: ``LlamaError`` where the file is damaged, cannot play the role, or the options
    ///   make no sense.
    public func plan(
        _ model: ModelID,
        options: LlamaOptions,
        minimumContext: Int,
        limits: DomainBytes
    ) async throws -> LlamaPlan {
        let file = try LlamaFile(path: model.path)
        try file.check(model.role, path: model.path)
        let sizing = LoadSizing(
            options.load,
            role: model.role,
            process: .host,
            accelerators: configuration.accelerators,
            cpu: configuration.cpu,
            threads: configuration.threads
        )
        let settled: LoadSizing.Settled
        do throws(PlanError) {
            settled = try sizing.settled(
                MemoryPlanner(file.description),
                leastContext: minimumContext,
                within: limits
            )
        } catch {
            throw LlamaError(.badArgument, error.message)
        }
        return LlamaPlan(model, options, settled, file)
    }

    /// Loads a model on a thread of its own.
    ///
    /// - Throws: ``LlamaError``, with what llama.cpp logged.
    public func load(
        _ model: ModelID,
        plan: LlamaPlan,
        events: EngineEvents
    ) async throws -> LlamaModel {
        var logger = logger
        logger?[metadataKey: "model"] = "\(model)"
        let thread = ContextThread(
            plan: plan,
            store: store,
            stateFolder: configuration.stateFolder,
            logger: logger,
            events: events
        )
        try await thread.start()
        return LlamaModel(plan, thread: thread)
    }

    /// Unloads a model; returns when its memory is free, and its weights unless another role has
    /// them.
    ///
    /// Answers that are being made end with ``LlamaError/Code/unloaded``.
    public func unload(_ model: LlamaModel) async { await model.thread.close() }

    /// Cannot be told apart from the rest of the process: `nil`.
    public func measure(_ model: LlamaModel) async -> MeasuredMemory? { nil }
}
