import CorralCache
import CorralLlama
import CorralMemory
import Foundation
import Logging
import Synchronization

/// The three small models that the scripts fetch.
enum RealModels {
    private static let environment = ProcessInfo.processInfo.environment

    static let folder: String = {
        if let folder = environment["CORRAL_MODELS"] { return folder }
        let home = environment["HOME"] ?? "/"
        let cache = environment["CORRAL_CACHE"] ?? home + "/.cache/corral"
        return cache + "/models"
    }()

    static let chat = folder + "/SmolLM2-135M-Instruct.Q4_1.gguf"
    static let embed = folder + "/all-MiniLM-L6-v2.F16.gguf"
    static let rerank = folder + "/tiny-random-reranker.gguf"

    /// False where they are not, which only outside CI is no failure.
    static let areThere: Bool =
        environment["CI"] == "true"
        || [chat, embed, rerank].allSatisfy { FileManager.default.fileExists(atPath: $0) }

    static func path(_ role: ModelRole) -> String {
        switch role {
        case .chat: chat
        case .embed: embed
        case .rerank: rerank
        }
    }
}

/// Loads a model without a cache, for `body`, and unloads it.
@discardableResult
func withLlama<Result>(
    _ role: ModelRole,
    path: String? = nil,
    options: LlamaOptions = LlamaOptions(contextTokens: nil, contextCeiling: 2048),
    stateFolder: String? = nil,
    logger: Logger? = nil,
    _ body: (LlamaModel) async throws -> sending Result
) async throws -> sending Result {
    var machine = LlamaEngine.Configuration.thisMachine
    machine.stateFolder = stateFolder
    let engine = LlamaEngine(machine, logger: logger)
    let model = try await engine.loaded(path ?? RealModels.path(role), role, options)
    do {
        let result = try await body(model)
        await engine.unload(model)
        return result
    } catch {
        await engine.unload(model)
        throw error
    }
}

extension LlamaEngine {
    /// Loads a model without a cache.
    func loaded(
        _ path: String,
        _ role: ModelRole,
        _ options: LlamaOptions = LlamaOptions(contextTokens: nil, contextCeiling: 2048)
    ) async throws -> LlamaModel {
        let id = ModelID(path: path, role: role)
        let plan = try await plan(
            id,
            options: options,
            minimumContext: 0,
            limits: .host(ByteCount(1 << 40))
        )
        return try await load(
            id,
            plan: plan,
            events: EngineEvents(progress: { _ in }, exited: { _ in })
        )
    }
}

/// A folder that is deleted with this value.
struct Scratch: ~Copyable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appending(path: "corral-llama-tests-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
