import CorralCache
import CorralGGUF
import CorralMemory
import CorralPlanner
import CorralTesting
import Foundation
import Logging
import Synchronization
import Testing

@testable import CorralLlamaServer

/// A folder with a program that stands in for llama-server, a tiny model, and an engine over them.
///
/// The program is a script that behaves as `FAKE` in its environment says, and needs no more than
/// a Python.
final class FakeServer: Sendable {
    let folder: URL
    let engine: LlamaServerEngine
    let clock: ManualClock?
    let events = Recorder()

    static let isPossible = FileManager.default.isExecutableFile(atPath: "/usr/bin/env")

    /// Writes the program and makes an engine that measures limits by `clock`, or by real time.
    init(
        _ behaviour: String,
        clock: ManualClock? = nil,
        stopLimit: Duration = .seconds(5),
        environment: [String: String] = [:]
    ) throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "corral-fake-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let program = folder.appending(path: "llama-server")
        try FileManager.default.createSymbolicLink(
            at: program,
            withDestinationURL: FakeProgram.llamaServer
        )
        try Data(Self.tinyModel().file()).write(to: folder.appending(path: "tiny.gguf"))
        var variables = ProcessInfo.processInfo.environment
        variables["FAKE"] = behaviour
        variables["FAKE_FOLDER"] = folder.path
        variables.merge(environment) { $1 }
        let configuration = LlamaServerConfiguration(
            program: program.path,
            environment: variables,
            threads: 1,
            stopLimit: stopLimit
        )
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        self.clock = clock
        engine =
            if let clock {
                try LlamaServerEngine(
                    configuration,
                    memory: { _ in nil },
                    clock: clock,
                    logger: logger
                )
            } else {
                try LlamaServerEngine(configuration, memory: { _ in nil }, logger: logger)
            }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var model: ModelID { ModelID(path: folder.appending(path: "tiny.gguf").path, role: .chat) }

    func plan(_ options: LlamaServerOptions = LlamaServerOptions()) async throws -> LlamaServerPlan
    {
        try await engine.plan(
            model,
            options: options,
            minimumContext: 0,
            limits: .host(.gibibytes(4))
        )
    }

    /// Loads with a deadline that is no matter of how busy the machine is.
    func load(
        _ options: LlamaServerOptions = LlamaServerOptions(loadDeadline: .seconds(240))
    ) async throws -> LlamaServerModel {
        try await engine.load(model, plan: try await plan(options), events: events.events)
    }

    /// Loads and expects to fail.
    func loadFailure(
        _ options: LlamaServerOptions = LlamaServerOptions()
    ) async throws
        -> LlamaServerError
    {
        do {
            let model = try await load(options)
            await engine.unload(model)
        } catch let error as LlamaServerError {
            return error
        }
        throw Unexpected("the load succeeded")
    }

    /// The numbers of the processes that were started, in order, as they wrote them.
    var startedProcesses: [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.compactMap { $0.hasPrefix("pid.") ? Int32($0.dropFirst(4)) : nil }.sorted()
    }

    static func tinyModel() -> GGUFBuilder {
        var builder = GGUFBuilder()
        builder.set("general.architecture", "llama")
        for (key, value): (String, UInt32) in [
            ("block_count", 2), ("context_length", 8192), ("embedding_length", 64),
            ("feed_forward_length", 128), ("attention.head_count", 4), ("vocab_size", 3),
        ] {
            builder.set("llama.\(key)", .uint32(value))
        }
        builder.addTensor("token_embd.weight", .f32, [64, 3])
        return builder
    }
}

/// What a test did not foresee.
struct Unexpected: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// Keeps what an engine reports, and lets a test wait for it.
final class Recorder: Sendable {
    let fractions: AsyncStream<Double>
    let exits: AsyncStream<String>
    let events: EngineEvents

    init() {
        let (fractions, fractionsIn) = AsyncStream<Double>.makeStream()
        let (exits, exitsIn) = AsyncStream<String>.makeStream()
        self.fractions = fractions
        self.exits = exits
        events = EngineEvents(
            progress: { fractionsIn.yield($0) },
            exited: { exitsIn.yield($0) }
        )
    }

    /// The first exit reported.
    func exit() async -> String? {
        var iterator = exits.makeAsyncIterator()
        return await iterator.next()
    }

    /// Waits until a fraction is reported that is at least `fraction`.
    func progress(atLeast fraction: Double) async throws {
        for await reported in fractions where reported >= fraction { return }
        throw Unexpected("no progress of \(fraction) was reported")
    }
}

/// Whether a process is there and not a zombie.
func isAlive(_ pid: Int32) -> Bool {
    guard kill(pid, 0) == 0 else { return false }
    guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else {
        return true
    }
    return status.split(separator: ")").last?.split(separator: " ").first != "Z"
}

/// Whether a process of this number is in the table at all, a zombie included.
func isInTable(_ pid: Int32) -> Bool { kill(pid, 0) == 0 }
