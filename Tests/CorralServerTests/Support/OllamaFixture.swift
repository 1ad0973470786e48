import CorralCache
import CorralServing
import CorralTesting
import HummingbirdTesting
import NIOCore
import Testing

@testable import CorralServer

/// Answers of a model, as llama-server gives them.
enum ModelAnswers {
    static let usage = """
        "usage":{"completion_tokens":3,"prompt_tokens":11,"total_tokens":14},\
        "timings":{"cache_n":4,"prompt_n":7,"prompt_ms":12.5,"predicted_n":3,"predicted_ms":30.25}
        """

    static func chat(_ message: String, finish: String = "stop") -> String {
        """
        {"choices":[{"finish_reason":"\(finish)","index":0,"message":\(message)}],\
        "object":"chat.completion",\(usage)}
        """
    }

    static func delta(_ delta: String) -> String {
        "data: {\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":\(delta)}]}\n\n"
    }

    /// The two events and the mark with which a chat ends.
    static func end(_ finish: String = "stop") -> String {
        """
        data: {"choices":[{"finish_reason":"\(finish)","index":0,"delta":{}}]}\n
        data: {"choices":[],\(usage)}\n
        data: [DONE]\n\n
        """
    }
}

extension Fixture {
    /// A server whose models answer so, and whose clock stands at 2026-03-01T09:30.
    static func answering(
        _ answer: @escaping ScriptedEngine.Answer
    ) throws -> Fixture {
        var configuration = ServerConfiguration()
        configuration.timeOfDay = { 1_772_357_400.25 }
        return try Fixture(
            engine: ScriptedEngine(answer: answer),
            configuration: configuration
        )
    }

    /// What the model was asked last, as an object.
    func asked() throws -> [String: Any] {
        let body = try #require(engine.requests.last?.body)
        return try TestResponse.object(in: body)
    }
}

extension TestResponse {
    /// The objects of an answer that has one a line.
    func lines() throws -> [[String: Any]] {
        try text.split(separator: "\n").map {
            try Self.object(in: ByteBuffer(string: String($0)))
        }
    }
}
