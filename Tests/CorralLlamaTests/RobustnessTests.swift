import CorralCache
import CorralLlama
import CorralMemory
import CorralPlanner
import CorralTesting
import Foundation
import Logging
import Synchronization
import Testing

@Suite("What can go wrong is an error with a code", .enabled(if: RealModels.areThere), .serialized)
struct RobustnessTests {
    private func code(
        _ path: String,
        _ role: ModelRole,
        _ options: LlamaOptions = LlamaOptions()
    ) async -> LlamaError.Code? {
        do {
            let engine = LlamaEngine()
            let model = try await engine.loaded(path, role, options)
            await engine.unload(model)
            return nil
        } catch {
            return (error as? LlamaError)?.code
        }
    }

    @Test("a file that is no GGUF, one cut off, and none at all")
    func files() async throws {
        let scratch = try Scratch()
        let text = "\(scratch.path)/text.gguf"
        try Data("this is no model".utf8).write(to: URL(fileURLWithPath: text))
        #expect(await code(text, .chat) == .corruptFile)

        let cut = "\(scratch.path)/cut.gguf"
        let whole = try Data(contentsOf: URL(fileURLWithPath: RealModels.embed))
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: cut))
        #expect(await code(cut, .embed) == .corruptFile)
        #expect(await code("\(scratch.path)/none.gguf", .chat) == .corruptFile)
    }

    @Test("an architecture that llama.cpp does not know")
    func architecture() async throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/unknown.gguf"
        // The same number of letters, so that nothing in the file moves.
        var bytes = try Data(contentsOf: URL(fileURLWithPath: RealModels.chat))
        while let place = bytes.prefix(1 << 16).firstRange(of: Data("llama".utf8)) {
            bytes.replaceSubrange(place, with: Data("lxxma".utf8))
        }
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(await code(path, .chat) == .unsupportedModel)
    }

    @Test("a role that the model cannot play, instead of an abort")
    func roles() async {
        #expect(await code(RealModels.embed, .chat) == .wrongRole)
        #expect(await code(RealModels.rerank, .embed) == .wrongRole)
        #expect(await code(RealModels.embed, .rerank) == .wrongRole)
        #expect(await code(RealModels.chat, .rerank) == .wrongRole)
    }

    @Test("a context that no model or machine has")
    func context() async {
        #expect(await code(RealModels.chat, .chat, LlamaOptions(contextTokens: 0)) == .badArgument)
        #expect(
            await code(RealModels.embed, .embed, LlamaOptions(contextTokens: 4096)) == .badArgument
        )
    }

    @Test("a call to the wrong kind of model, and one after it was unloaded")
    func calls() async throws {
        let engine = LlamaEngine()
        let model = try await engine.loaded(RealModels.embed, .embed)
        await #expect { try await model.reply(to: "Hello").text() } throws: {
            ($0 as? LlamaError)?.code == .wrongRole
        }
        await engine.unload(model)
        await #expect { try await model.embed(["Hello"]) } throws: {
            ($0 as? LlamaError)?.code == .unloaded
        }
    }

    @Test("a file that is cut while it is mapped ends the model, not the process")
    func cutWhileMapped() async throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/model.gguf"
        try FileManager.default.copyItem(atPath: RealModels.embed, toPath: path)
        var options = LlamaOptions()
        options.loadMode = .mapped
        let engine = LlamaEngine()
        let id = ModelID(path: path, role: .embed)
        let plan = try await engine.plan(
            id,
            options: options,
            minimumContext: 0,
            limits: .host(ByteCount(1 << 40))
        )
        let (ends, end) = AsyncStream.makeStream(of: String.self)
        let model = try await engine.load(
            id,
            plan: plan,
            events: EngineEvents(progress: { _ in }, exited: { end.yield($0) })
        )
        _ = try await model.embed(["before"])
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.truncate(atOffset: 4096)
        try file.close()
        await #expect { try await model.embed(["after"]) } throws: {
            ($0 as? LlamaError)?.code == .fileChanged
        }
        var iterator = ends.makeAsyncIterator()
        #expect(await iterator.next()?.contains("shorter") == true)
        await engine.unload(model)
    }

    @Test("a load that is called off frees everything and says so")
    func calledOff() async throws {
        let engine = LlamaEngine()
        let task = Task { try await engine.loaded(RealModels.chat, .chat) }
        task.cancel()
        await #expect { try await task.value } throws: {
            ($0 as? LlamaError)?.code == .cancelled
        }
        let model = try await engine.loaded(RealModels.chat, .chat)
        await engine.unload(model)
    }

    @Test("llama.cpp's log reaches the logger with its levels")
    func logging() async throws {
        let lines = Mutex<[Logger.Level]>([])
        struct Handler: LogHandler {
            var metadata: Logger.Metadata = [:]
            var logLevel = Logger.Level.trace
            let take: @Sendable (Logger.Level) -> Void
            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }
            func log(event: LogEvent) { take(event.level) }
        }
        let box = Box(lines)
        let logger = Logger(label: "test") { _ in
            Handler(take: { level in box.lines.withLock { $0.append(level) } })
        }
        try await withLlama(.embed, logger: logger) { _ in }
        let levels = box.lines.withLock { $0 }
        #expect(levels.contains(.debug))
        #expect(!levels.contains(.error))
    }

    private final class Box: Sendable {
        let lines: Mutex<[Logger.Level]>
        init(_ lines: consuming Mutex<[Logger.Level]>) { self.lines = lines }
    }

}
