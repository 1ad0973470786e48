import CorralCache
import CorralMemory
import CorralPlanner
import CorralServing
import Foundation
import HTTPTypes
import NIOCore
import Testing

@testable import CorralLlamaServer

/// llama-server itself, with small models.
@Suite(
    .serialized,
    .timeLimit(.minutes(10)),
    .enabled(if: RealServer.isExpected, RealServer.reason)
)
struct RealServerTests {
    @Test func `three roles load as planned, answer, and are measured within their plans`()
        async throws
    {
        let real = try RealServer()
        let engine = try real.engine()
        let chat = try await engine.load(real.model(RealServer.chat, .chat))
        let embed = try await engine.load(real.model(RealServer.embed, .embed))
        let rerank = try await engine.load(real.model(RealServer.rerank, .rerank))
        let answers = [
            try await chat.ask(
                "/v1/chat/completions",
                #"{"messages":[{"role":"user","content":"Say hi."}],"max_tokens":4}"#
            ),
            try await embed.ask("/v1/embeddings", #"{"input":["one","two"]}"#),
            try await rerank.ask("/v1/rerank", #"{"query":"q","documents":["a","b"]}"#),
        ]
        #expect(answers.map(\.status) == [200, 200, 200])
        #expect(answers[0].text.contains(#""model":"SmolLM2-135M-Instruct.Q4_1""#))
        #expect(answers[1].text.components(separatedBy: #""index""#).count == 3)
        #expect(answers[2].text.contains("relevance_score"))
        for model in [chat, embed, rerank] {
            let measured = try #require(await engine.measure(model))
            let planned = model.plan.footprint
            #expect(measured.exclusive.fits(in: planned.exclusive), "\(model.id)")
            #expect(measured.exclusive[.host] > .zero)
            let weights = try #require(planned.shared.first?.bytes[.host])
            #expect(measured.fileBacked > weights.scaled(by: 0.5))
            await engine.unload(model)
            #expect(await engine.measure(model) == nil)
        }
        await engine.shutdown()
    }

    @Test func `a stream arrives token by token and ends whole`() async throws {
        let real = try RealServer()
        let engine = try real.engine()
        let model = try await engine.load(real.model(RealServer.chat, .chat))
        let answer = try await model.begin(
            "/v1/chat/completions",
            """
            {"messages":[{"role":"user","content":"Count."}],"max_tokens":20,"ignore_eos":true,\
            "stream":true}
            """
        )
        #expect(answer.headers[.contentType]?.hasPrefix("text/event-stream") == true)
        var chunks = 0
        var text = ""
        for try await chunk in answer.body {
            chunks += 1
            text += String(buffer: chunk)
        }
        #expect(text.split(separator: "data: {").count > 20)
        #expect(chunks >= 10)
        #expect(text.hasSuffix("data: [DONE]\n\n"))
        await engine.unload(model)
        await engine.shutdown()
    }

    @Test func `a stream that is dropped frees its slot`() async throws {
        let real = try RealServer()
        let engine = try real.engine()
        let model = try await engine.load(
            real.model(RealServer.chat, .chat),
            options: LlamaServerOptions(LoadSettings(slots: 1))
        )
        do {
            let answer = try await model.begin(
                "/v1/completions",
                #"{"prompt":"Once","max_tokens":7000,"ignore_eos":true,"stream":true}"#
            )
            var chunks = answer.body.makeAsyncIterator()
            _ = try await chunks.next()
        }
        // With one slot, this waits until the other is done or called off.
        let answer = try await model.ask("/v1/completions", #"{"prompt":"One","max_tokens":1}"#)
        #expect(answer.status == 200)
        #expect(model.logLines.contains { $0.contains("cancel task") })
        await engine.unload(model)
        await engine.shutdown()
    }

    @Test func `a process that is killed in mid-stream is reported and can be loaded again`()
        async throws
    {
        let real = try RealServer()
        let engine = try real.engine()
        let recorder = Recorder()
        let id = real.model(RealServer.chat, .chat)
        let model = try await engine.load(id, events: recorder.events)
        let answer = try await model.begin(
            "/v1/completions",
            #"{"prompt":"Once","max_tokens":4000,"ignore_eos":true,"stream":true}"#
        )
        var chunks = answer.body.makeAsyncIterator()
        _ = try await chunks.next()
        let pid = try #require(model.processID)
        kill(pid, SIGKILL)
        do {
            while try await chunks.next() != nil {}
            Issue.record("the stream ended as if it were whole")
        } catch let error as ServedModelError {
            #expect(error.code == .ended)
            #expect(error.message.contains("signal 9"))
        }
        let sentence = try #require(await recorder.exit())
        #expect(sentence.contains("signal 9"))
        #expect(!isInTable(pid))
        let again = try await engine.load(id)
        #expect(try await again.ask("/health").status == 200)
        await engine.unload(again)
        await engine.shutdown()
    }

    @Test func `a busy process is gone once it is unloaded`() async throws {
        let real = try RealServer()
        let engine = try real.engine()
        let model = try await engine.load(real.model(RealServer.chat, .chat))
        let answer = try await model.begin(
            "/v1/completions",
            #"{"prompt":"Once","max_tokens":4000,"ignore_eos":true,"stream":true}"#
        )
        var chunks = answer.body.makeAsyncIterator()
        _ = try await chunks.next()
        let pid = try #require(model.processID)
        await engine.unload(model)
        #expect(!isInTable(pid))
        await engine.shutdown()
    }

    @Test(arguments: [
        ("cut", LlamaServerError.Code.corruptFile), ("renamed", .unsupportedModel),
    ])
    func `a damaged file is told from one this build does not know`(
        damage: String,
        code: LlamaServerError.Code
    ) async throws {
        let real = try RealServer()
        let engine = try real.engine()
        let sound = real.model(RealServer.embed, .embed)
        let plan = try await engine.plan(
            sound,
            options: LlamaServerOptions(),
            minimumContext: 0,
            limits: .host(.gibibytes(8))
        )
        var bytes = try Data(contentsOf: URL(filePath: sound.path))
        if damage == "cut" {
            bytes = bytes.prefix(bytes.count / 2)
        } else {
            let key = try #require(bytes.range(of: Data("general.architecture".utf8)))
            let name = try #require(
                bytes.range(of: Data("bert".utf8), in: key.upperBound..<bytes.endIndex)
            )
            bytes.replaceSubrange(name, with: Data("zzzz".utf8))
        }
        let damaged = FileManager.default.temporaryDirectory.appending(
            path: "corral-\(UUID().uuidString).gguf"
        )
        try bytes.write(to: damaged)
        defer { try? FileManager.default.removeItem(at: damaged) }
        // As if the file had changed after it was planned.
        let moved = plan.moved(to: ModelID(path: damaged.path, role: .embed))
        do {
            _ = try await engine.load(moved.model, plan: moved, events: Recorder().events)
            Issue.record("it was loaded")
        } catch let error as LlamaServerError {
            #expect(error.code == code, "\(error)")
            #expect(error.message.contains(damaged.path))
            #expect(!error.logLines.isEmpty)
        }
        await engine.shutdown()
    }
}

extension LlamaServerPlan {
    /// The same plan for another file.
    fileprivate func moved(to model: ModelID) -> LlamaServerPlan {
        LlamaServerPlan(
            model,
            options,
            LoadSizing.Settled(load: load, plan: memory),
            planner
        )
    }
}
