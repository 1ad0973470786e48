import CorralCache
import CorralMemory
import Foundation
import Logging
import Testing

@testable import CorralLlamaServer

/// llama-server itself and small models, where they are installed.
struct RealServer: Sendable {
    let program: String
    let models: String

    private static let environment = ProcessInfo.processInfo.environment

    /// Tests that need it run where it is, and under CI, where its absence is a failure.
    static var isExpected: Bool { found != nil || environment["CI"] == "true" }

    static let reason: Comment =
        "needs llama-server and models (CORRAL_LLAMA_SERVER, CORRAL_MODELS, or ~/.cache/corral)"

    /// - Throws: When it is not installed.
    init() throws {
        guard let found = Self.found else { throw Unexpected("\(Self.reason)") }
        self = found
    }

    private init(program: String, models: String) {
        self.program = program
        self.models = models
    }

    private static var found: RealServer? {
        let cache = (environment["HOME"] ?? "") + "/.cache/corral"
        let builds = (try? FileManager.default.contentsOfDirectory(atPath: cache + "/llama.cpp"))
        let built = (builds ?? []).sorted().reversed().map {
            "\(cache)/llama.cpp/\($0)/bin/llama-server"
        }
        let programs = [environment["CORRAL_LLAMA_SERVER"]].compactMap { $0 } + built
        let models = environment["CORRAL_MODELS"] ?? cache + "/models"
        guard let program = programs.first(where: FileManager.default.isExecutableFile),
            FileManager.default.fileExists(atPath: "\(models)/\(chat)")
        else { return nil }
        return RealServer(program: program, models: models)
    }

    static let chat = "SmolLM2-135M-Instruct.Q4_1.gguf"
    static let embed = "all-MiniLM-L6-v2.F16.gguf"
    static let rerank = "tiny-random-reranker.gguf"

    func model(_ name: String, _ role: ModelRole) -> ModelID {
        ModelID(path: "\(models)/\(name)", role: role)
    }

    func engine() throws -> LlamaServerEngine {
        try LlamaServerEngine(
            LlamaServerConfiguration(
                program: program,
                environment: Self.environment,
                threads: 2
            ),
            memory: Self.memory,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// A process's memory as Linux tells it.
    static func memory(_ pid: Int32) -> ProcessMemory? {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        else { return nil }
        func figure(_ name: String) -> ByteCount {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
            return .kibibytes(Int64(line?.filter(\.isNumber) ?? "") ?? 0)
        }
        return ProcessMemory(exclusive: figure("RssAnon"), fileBacked: figure("RssFile"))
    }
}

extension LlamaServerEngine {
    /// Plans and loads, with time for a machine that does much else.
    func load(
        _ model: ModelID,
        options: LlamaServerOptions = LlamaServerOptions(),
        events: EngineEvents = Recorder().events
    ) async throws -> LlamaServerModel {
        var options = options
        options.loadDeadline = .seconds(150)
        let plan = try await plan(
            model,
            options: options,
            minimumContext: 0,
            limits: .host(.gibibytes(8))
        )
        return try await load(model, plan: plan, events: events)
    }
}
