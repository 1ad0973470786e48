import CorralCache
import CorralLlama
import CorralLlamaServing
import CorralMemory
import CorralServing
import Foundation
import HTTPTypes
import NIOCore
import Testing

/// Where the small models are that the scripts fetch.
enum SmallModels {
    private static let environment = ProcessInfo.processInfo.environment
    private static let folder =
        environment["CORRAL_MODELS"]
        ?? (environment["CORRAL_CACHE"] ?? (environment["HOME"] ?? "/") + "/.cache/corral")
        + "/models"
    static let chat = folder + "/SmolLM2-135M-Instruct.Q4_1.gguf"
    static let embed = folder + "/all-MiniLM-L6-v2.F16.gguf"

    /// False where the models are not, which only outside CI is no failure.
    static let areThere =
        environment["CI"] == "true"
        || [chat, embed].allSatisfy { FileManager.default.fileExists(atPath: $0) }
}

/// Small models that answer as the server asks them.
@Suite(.enabled(if: SmallModels.areThere), .serialized, .timeLimit(.minutes(5)))
struct RealModelTests {
    private func with(
        _ path: String,
        _ role: ModelRole,
        _ body: (LlamaModel) async throws -> Void
    ) async throws {
        let engine = LlamaEngine(options: { _ in LlamaOptions(contextTokens: 256) })
        let id = ModelID(path: path, role: role)
        let plan = try await engine.plan(
            id,
            options: engine.defaultOptions(for: id),
            minimumContext: 0,
            limits: .host(.gibibytes(64))
        )
        let model = try await engine.load(
            id,
            plan: plan,
            events: EngineEvents(progress: { _ in }, exited: { _ in })
        )
        try await body(model)
        await engine.unload(model)
        await #expect {
            try await ask(model, "/v1/embeddings", #"{"input":"a"}"#)
        } throws: {
            ($0 as? ServedModelError)?.code == .notDelivered
        }
    }

    @discardableResult
    private func ask(
        _ model: LlamaModel,
        _ path: String,
        _ body: String
    ) async throws -> (status: Int, text: String) {
        let response = try await model.respond(
            to: UpstreamRequest(method: .post, path: path, body: ByteBuffer(string: body))
        )
        var whole = ByteBuffer()
        for try await var chunk in response.body { whole.writeBuffer(&chunk) }
        return (response.status.code, String(buffer: whole))
    }

    @Test func `a chat is answered whole and in events, and what is refused has a status`()
        async throws
    {
        try await with(SmallModels.chat, .chat) { model in
            let messages = #""messages":[{"role":"user","content":"Say hi."}],"max_tokens":4"#
            let whole = try await ask(model, "/v1/chat/completions", "{\(messages)}")
            #expect(whole.status == 200 && whole.text.contains("chat.completion"))
            let stream = try await ask(
                model,
                "/v1/chat/completions?a=b",
                "{\(messages),\"stream\":true}"
            )
            #expect(stream.text.hasSuffix("data: [DONE]\n\n"))
            let long = String(repeating: "word ", count: 500)
            let refused = try await ask(model, "/v1/completions", #"{"prompt":"\#(long)"}"#)
            #expect(refused.status == 400 && refused.text.contains("context_length_exceeded"))
            #expect(
                try await ask(model, "/v1/rerank", #"{"query":"q","documents":["a"]}"#).status
                    == 400
            )
            #expect(try await ask(model, "/props", "{}").status == 501)
        }
    }

    @Test func `texts are embedded`() async throws {
        try await with(SmallModels.embed, .embed) { model in
            let answer = try await ask(model, "/v1/embeddings", #"{"input":["a","b"]}"#)
            #expect(answer.status == 200)
            #expect(answer.text.components(separatedBy: #""index""#).count == 3)
            let other = try await ask(model, "/v1/embeddings", #"{"input":"a","dimensions":7}"#)
            #expect(other.status == 400 && other.text.contains("dimensions"))
        }
    }
}
