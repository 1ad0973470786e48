import CorralCache
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import CorralServer

/// What a client is told when a model answers with an error.
@Suite struct ModelRefusalTests {
    static let chat = "{\"model\":\"tiny-chat\"}"

    private func answer(
        _ body: String,
        _ status: HTTPResponse.Status,
        at path: String = "/v1/chat/completions",
        _ check: @Sendable (TestResponse) throws -> Void
    ) async throws {
        let engine = ScriptedEngine(answer: { _, _ in .json(body, status: status) })
        try await Fixture(engine: engine).withClient { client in
            try check(try await client.post(path, Self.chat))
        }
    }

    @Test(arguments: [
        HTTPResponse.Status.internalServerError, .badGateway, .serviceUnavailable,
    ])
    func `a model that fails is a 502 of this server's, worth asking again`(
        status: HTTPResponse.Status
    ) async throws {
        let body = "{\"error\":{\"code\":500,\"message\":\"Compute error in /usr/lib/ggml.so\"}}"
        for path in ["/v1/chat/completions", "/v1/messages"] {
            try await answer(body, status, at: path) { response in
                #expect(response.status == .badGateway)
                #expect(response.headers[.retryAfter] == "1")
                let error =
                    path == "/v1/messages"
                    ? try response.anthropicError() : try response.openAIError()
                let message = try #require(error["message"] as? String)
                #expect(message.contains("Compute error in ggml.so"))
            }
        }
    }

    @Test func `what a model cannot do at all stays a 501`() async throws {
        let body = "{\"error\":{\"code\":501,\"message\":\"no infill\",\"type\":\"x\"}}"
        try await answer(body, .notImplemented, at: "/infill") { response in
            #expect(response.status == .notImplemented)
            #expect(response.text == body)
        }
    }

    @Test(arguments: ["", "Bad Request", "{\"oops\":1}", "<html>", "{\"error\":\"text\"}"])
    func `a refusal in no API's words is put into the route's`(body: String) async throws {
        try await answer(body, .badRequest) { response in
            #expect(response.status == .badRequest)
            let error = try response.openAIError()
            #expect(error["code"] as? String == "refused_by_model")
        }
        try await answer(body, .badRequest, at: "/v1/messages") { response in
            let error = try response.anthropicError()
            #expect(error["type"] as? String == "invalid_request_error")
        }
    }

    @Test func `a refusal in the API's own words passes as it is`() async throws {
        let openAI = "{\"error\":{\"code\":400,\"message\":\"no\",\"type\":\"t\",\"n_ctx\":7}}"
        try await answer(openAI, .badRequest) { #expect($0.text == openAI) }
        let anthropic = "{\"type\":\"error\",\"error\":{\"type\":\"t\",\"message\":\"no\"}}"
        try await answer(anthropic, .badRequest, at: "/v1/messages") {
            #expect($0.text == anthropic)
        }
    }
}
