import CorralLlama
import HTTPTypes
import NIOCore
import Testing

@testable import CorralLlamaServing

/// What the requests of OpenAI's clients are read as.
struct BodyTests {
    private func read<Body: Decodable>(
        _ json: String,
        as type: Body.Type = Body.self
    ) throws -> Body {
        try decoded(ByteBuffer(string: json))
    }

    private func failure<Body: Decodable>(_ json: String, as type: Body.Type) -> InProcessFailure? {
        do {
            _ = try read(json, as: type)
            return nil
        } catch {
            return error as? InProcessFailure
        }
    }

    @Test func `messages are texts, or parts of text one below the other`() throws {
        let body: ChatBody = try read(
            """
            {"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[
            {"role":"system","content":"a"},{"role":"assistant"},
            {"role":"user","content":[{"type":"text","text":"b"},{"type":"text","text":"c"}]}]}
            """
        )
        #expect(body.conversation == [.system("a"), .assistant(""), .user("b\nc")])
        #expect(body.model == "m" && body.stream == true)
        #expect(body.streamOptions?.includeUsage == true)
    }

    @Test(arguments: [
        (#"{}"#, "messages"), (#"{"messages":[]}"#, "messages"),
        (#"{"messages":[{"content":"a"}]}"#, "messages[0].role"),
        (#"{"messages":[{"role":"user","content":7}]}"#, "messages[0].content"),
        (
            #"{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}"#,
            "messages[].content[].image_url"
        ),
        (#"{"messages":[{"role":"user","content":"a"}],"temperature":"hot"}"#, "temperature"),
        ("no json", ""),
    ])
    func `a field that is wrong is named`(json: String, field: String) {
        let failure = failure(json, as: ChatBody.self)
        #expect(failure?.parameter == field)
        #expect(failure?.status == .badRequest)
    }

    @Test func `what decides how an answer is made is read by its names`() throws {
        let body: CompletionBody = try read(
            """
            {"prompt":"p","max_tokens":9,"temperature":0.5,"top_p":0.25,"top_k":3,"min_p":0.125,
            "repeat_penalty":1.5,"frequency_penalty":0.5,"presence_penalty":-0.5,"seed":11,
            "stop":["a","b"],"grammar":"root ::= [a]"}
            """
        )
        let options = try body.sampling.options()
        #expect(options.maximumTokens == 9)
        #expect(options.stops == ["a", "b"])
        let sampling = options.sampling
        #expect(sampling.temperature == 0.5 && sampling.topP == 0.25 && sampling.minP == 0.125)
        #expect(sampling.topK == 3 && sampling.repeatPenalty == 1.5)
        #expect(sampling.frequencyPenalty == 0.5 && sampling.presencePenalty == -0.5)
        #expect(sampling.seed == 11 && sampling.grammar == "root ::= [a]")
    }

    @Test func `what is left out is as llama-server has it`() throws {
        let body: CompletionBody = try read(#"{"prompt":"p","max_tokens":-1,"seed":-1,"stop":"a"}"#)
        let options = try body.sampling.options()
        #expect(options == ReplyOptions(stops: ["a"]))
    }

    @Test func `the newer name for the most tokens goes before the older`() throws {
        let body: CompletionBody = try read(
            #"{"prompt":"p","max_tokens":9,"max_completion_tokens":4}"#
        )
        #expect(try body.sampling.options().maximumTokens == 4)
    }

    @Test(arguments: [
        (#""tools":[{}]"#, "tools"), (#""n":2"#, "n"), (#""logprobs":true"#, "logprobs"),
        (#""response_format":{"type":"json_object"}"#, "response_format"),
        (#""logit_bias":{"1":2}"#, "logit_bias"), (#""json_schema":{}"#, "json_schema"),
        (#""best_of":3"#, "best_of"),
    ])
    func `what would change the answer and cannot is refused`(field: String, name: String) throws {
        let body: CompletionBody = try read(#"{"prompt":"p",\#(field)}"#)
        #expect { try body.sampling.options() } throws: {
            let failure = $0 as? InProcessFailure
            return failure?.code == "unsupported_in_process" && failure?.parameter == name
        }
    }

    @Test(arguments: [
        #""tools":[]"#, #""tools":null"#, #""n":1"#, #""logprobs":false"#, #""logprobs":null"#,
        #""response_format":{"type":"text"}"#, #""user":"somebody""#,
    ])
    func `what asks for nothing is let pass`(field: String) throws {
        let body: CompletionBody = try read(#"{"prompt":"p",\#(field)}"#)
        #expect(throws: Never.self) { try body.sampling.options() }
    }

    @Test func `texts to embed are one or several, documents are texts or objects`() throws {
        let one: EmbeddingBody = try read(#"{"input":"a"}"#)
        let several: EmbeddingBody = try read(#"{"input":["a","b"]}"#)
        #expect(one.texts == ["a"] && several.texts == ["a", "b"])
        #expect(failure(#"{"input":7}"#, as: EmbeddingBody.self)?.parameter == "input")
        let rerank: RerankBody = try read(
            #"{"query":"q","documents":["a",{"text":"b"}],"top_n":1}"#
        )
        #expect(rerank.texts == ["a", "b"] && rerank.topN == 1)
        #expect(failure(#"{"documents":[]}"#, as: RerankBody.self)?.parameter == "query")
    }
}
