import CorralServing
import Foundation
import HTTPTypes
import NIOCore
import Testing

@testable import CorralLlama
@testable import CorralLlamaServing

/// What the clients of OpenAI's API are answered.
struct AnswerTests {
    private let summary = ReplySummary(
        reason: .length,
        usage: ReplySummary.Usage(promptTokens: 5, reusedTokens: 2, answerTokens: 3),
        timeToFirstToken: .zero,
        timeToAnswer: .zero,
        tokens: []
    )

    private func object(_ data: Data) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func text(_ response: UpstreamResponse) async throws -> String {
        var whole = ByteBuffer()
        for try await var chunk in response.body { whole.writeBuffer(&chunk) }
        return String(buffer: whole)
    }

    /// The payloads of a stream's events.
    private func events(_ kind: AnswerShape.Kind, includesUsage: Bool) async throws -> [String] {
        let (reply, buffer) = Reply.make()
        for piece in ["one", " two"] { _ = buffer.write(piece) }
        buffer.finish(summary)
        let shape = AnswerShape(kind: kind, model: "m", includesUsage: includesUsage)
        var text = ""
        for try await chunk in AnswerEvents(reply: reply, shape: shape) {
            text += String(buffer: chunk)
        }
        #expect(text.hasSuffix("\n\n"))
        return text.components(separatedBy: "\n\n").dropLast().map { String($0.dropFirst(6)) }
    }

    @Test func `a streamed chat begins with its role and ends with its reason`() async throws {
        let events = try await events(.chat, includesUsage: true)
        #expect(events.count == 6 && events.last == "[DONE]")
        let answers = try events.dropLast().map { try object(Data($0.utf8)) }
        #expect(answers.allSatisfy { $0["object"] as? String == "chat.completion.chunk" })
        #expect(Set(answers.compactMap { $0["id"] as? String }).count == 1)
        let choices = answers.compactMap { ($0["choices"] as? [[String: Any]])?.first }
        let deltas = choices.compactMap { $0["delta"] as? [String: Any] }
        #expect(deltas.first?["role"] as? String == "assistant")
        #expect(deltas.compactMap { $0["content"] as? String } == ["", "one", " two"])
        #expect(choices.last?["finish_reason"] as? String == "length")
        let usage = try #require(answers.last?["usage"] as? [String: Any])
        #expect(usage["prompt_tokens"] as? Int == 5 && usage["total_tokens"] as? Int == 8)
        let details = usage["prompt_tokens_details"] as? [String: Int]
        #expect(details == ["cached_tokens": 2])
    }

    @Test func `a streamed completion has texts alone, and usage only where it is asked for`()
        async throws
    {
        let events = try await events(.completion, includesUsage: false)
        #expect(events.count == 4)
        let answers = try events.dropLast().map { try object(Data($0.utf8)) }
        let texts = answers.compactMap { ($0["choices"] as? [[String: Any]])?.first?["text"] }
        #expect(texts as? [String] == ["one", " two", ""])
        #expect(answers.allSatisfy { $0["usage"] == nil })
    }

    @Test func `a stream whose answer fails ends with the failure, not as if it were whole`()
        async throws
    {
        let (reply, buffer) = Reply.make()
        _ = buffer.write("one")
        buffer.fail(LlamaError(.unloaded, "gone"))
        let shape = AnswerShape(kind: .chat, model: "m", includesUsage: false)
        await #expect {
            for try await _ in AnswerEvents(reply: reply, shape: shape) {}
        } throws: {
            ($0 as? LlamaError)?.code == .unloaded
        }
    }

    @Test func `an answer in one piece is JSON with its length`() async throws {
        let shape = AnswerShape(kind: .chat, model: "m", includesUsage: false)
        let response = UpstreamResponse.json(shape.whole("a/b", summary))
        let text = try await text(response)
        #expect(response.status == .ok)
        #expect(response.headers[.contentLength] == "\(text.utf8.count)")
        #expect(text.contains(#""content":"a/b""#))
        let answer = try object(Data(text.utf8))
        #expect(answer["object"] as? String == "chat.completion")
    }

    @Test(arguments: [
        (LlamaError.Code.contextOverflow, 400, "context_length_exceeded"),
        (.badGrammar, 400, "bad_grammar"), (.wrongRole, 400, "wrong_role"),
        (.computeFailed, 500, "compute_failed"),
    ])
    func `a failure has the status of whoever is to blame`(
        code: LlamaError.Code,
        status: Int,
        name: String
    ) async throws {
        let failure = try #require(InProcessFailure(LlamaError(code, "sentence")))
        let response = failure.response
        #expect(response.status.code == status)
        let error = try object(Data(try await text(response).utf8))["error"] as? [String: Any]
        #expect(error?["code"] as? String == name)
        #expect(error?["message"] as? String == "sentence")
        #expect(
            error?["type"] as? String == (status < 500 ? "invalid_request_error" : "server_error")
        )
    }

    @Test(arguments: [LlamaError.Code.unloaded, .fileChanged])
    func `a model that is gone is no failure of the request`(code: LlamaError.Code) {
        #expect(InProcessFailure(LlamaError(code, "")) == nil)
    }

    @Test func `vectors are numbers, or their bytes with the least first`() throws {
        var body: EmbeddingBody = try decoded(ByteBuffer(string: #"{"input":"a","model":"m"}"#))
        let vectors: [[Float]] = [[1, -0.5]]
        let numbers = try object(
            JSONEncoder.openAI.encode(EmbeddingAnswer(vectors, body, tokens: 4))
        )
        let first = (numbers["data"] as? [[String: Any]])?.first
        #expect(first?["embedding"] as? [Double] == [1, -0.5])
        #expect((numbers["usage"] as? [String: Int])?["prompt_tokens"] == 4)
        body.encodingFormat = "base64"
        let text = try object(JSONEncoder.openAI.encode(EmbeddingAnswer(vectors, body, tokens: 4)))
        let bytes = ((text["data"] as? [[String: Any]])?.first?["embedding"] as? String)
            .flatMap { Data(base64Encoded: $0) }
        #expect(bytes.map(Array.init) == [0, 0, 0x80, 0x3F, 0, 0, 0, 0xBF])
    }

    @Test func `documents come with the best first, as many as are asked for`() throws {
        let body: RerankBody = try decoded(
            ByteBuffer(string: #"{"query":"q","documents":["a","b","c"],"top_n":2}"#)
        )
        let answer = RerankAnswer([0.5, 2, 0.5], body, tokens: 1)
        #expect(answer.results.map(\.index) == [1, 0])
    }
}
