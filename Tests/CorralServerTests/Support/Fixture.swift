import CorralCache
import CorralMemory
import CorralTesting
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Testing

@testable import CorralServer

/// A server over a fake engine: two chat models, an embedder and a reranker.
struct Fixture: Sendable {
    static let chat = ModelID(path: "/models/tiny/chat.gguf", role: .chat)
    static let other = ModelID(path: "/models/tiny/other.gguf", role: .chat)
    static let embed = ModelID(path: "/models/tiny/embed.gguf", role: .embed)
    static let rerank = ModelID(path: "/models/tiny/rerank.gguf", role: .rerank)

    static let entries = [
        ServedEntry(
            name: "tiny-chat",
            aliases: ["tiny"],
            id: chat,
            contextTokens: 4096,
            created: 1_700_000
        ),
        ServedEntry(name: "other-chat", id: other),
        ServedEntry(name: "tiny-embed", id: embed),
        ServedEntry(name: "tiny-rerank", id: rerank),
    ]

    let engine: ScriptedEngine
    let host: ScriptedHost
    let cache: ModelCache<ScriptedEngine>
    let service: CorralService<ScriptedEngine>

    init(
        engine: ScriptedEngine = ScriptedEngine(),
        memory: ByteCount = ByteCount(1000),
        configuration: ServerConfiguration = ServerConfiguration(),
        entries: [ServedEntry] = Fixture.entries,
        queueLimit: Int = 8,
        logger: Logger = Fixture.logger,
        clock: any Clock<Duration> = ContinuousClock(),
        directory: (any ModelDirectory)? = nil
    ) throws {
        self.engine = engine
        host = ScriptedHost(limit: memory)
        var settings = CacheConfiguration()
        settings.queueLimit = queueLimit
        // What a busy machine takes to load decides nothing here.
        settings.minimumResidency = 0
        cache = try ModelCache(
            engine: engine,
            host: host,
            memory: .bytes(memory),
            configuration: settings,
            clock: clock
        )
        service = CorralService(
            cache: cache,
            directory: directory ?? ModelList(entries),
            configuration: configuration,
            addresses: [.hostname("127.0.0.1", port: 0)],
            logger: logger,
            clock: clock
        )
    }

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    var application: Application<CorralResponder<ScriptedEngine>> {
        service.application(at: .hostname("127.0.0.1", port: 0))
    }

    /// Runs `body` with a client that needs no socket; afterwards no lease is held.
    func withClient(
        _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        async let _ = service.responder.carryOutHints()
        try await application.test(.router, body)
        expectNoLeases()
        await cache.shutdown()
    }

    /// Runs `body` with a client on a socket; afterwards no lease is held.
    func withSocket(
        _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        async let _ = service.responder.carryOutHints()
        try await application.test(.live, body)
        expectNoLeases()
        await cache.shutdown()
    }

    func expectNoLeases(sourceLocation: SourceLocation = #_sourceLocation) {
        let statistics = cache.statistics
        let leases = statistics.models.reduce(0) { $0 + $1.leases }
        #expect(leases == 0, "leases are still held", sourceLocation: sourceLocation)
        #expect(statistics.waiting == 0, "requests still wait", sourceLocation: sourceLocation)
    }

    func isResident(_ id: ModelID) -> Bool {
        cache.statistics.models.contains { $0.id == id && $0.state == .resident }
    }
}

extension TestClientProtocol {
    func get(_ path: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await executeRequest(uri: path, method: .get, headers: headers, body: nil)
    }

    func post(
        _ path: String,
        _ body: String,
        headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        try await executeRequest(
            uri: path,
            method: .post,
            headers: headers,
            body: ByteBuffer(string: body)
        )
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    /// The members of the JSON object that came.
    func object() throws -> [String: Any] { try Self.object(in: body) }

    static func object(in buffer: ByteBuffer) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(buffer.readableBytesView))
        return try #require(value as? [String: Any], "not an object: \(String(buffer: buffer))")
    }

    /// The `error` of OpenAI's shape, whose members are all there.
    func openAIError(sourceLocation: SourceLocation = #_sourceLocation) throws -> [String: Any] {
        let error = try #require(
            try object()["error"] as? [String: Any],
            "\(text)",
            sourceLocation: sourceLocation
        )
        #expect(
            Set(error.keys) == ["message", "type", "code", "param"],
            sourceLocation: sourceLocation
        )
        #expect((error["message"] as? String)?.isEmpty == false, sourceLocation: sourceLocation)
        #expect(headers[.contentType] == "application/json", sourceLocation: sourceLocation)
        return error
    }

    /// The `error` of Anthropic's shape, whose members are all there.
    func anthropicError(
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [String: Any] {
        let object = try object()
        #expect(object["type"] as? String == "error", sourceLocation: sourceLocation)
        let error = try #require(
            object["error"] as? [String: Any],
            "\(text)",
            sourceLocation: sourceLocation
        )
        #expect(Set(error.keys) == ["message", "type"], sourceLocation: sourceLocation)
        #expect((error["message"] as? String)?.isEmpty == false, sourceLocation: sourceLocation)
        return error
    }
}
