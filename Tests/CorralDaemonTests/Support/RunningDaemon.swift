import CorralCache
import CorralHTTP
import CorralServing
import CorralTesting
import DaemonFixtures
import Foundation
import HTTPTypes
import NIOCore
import Synchronization

@testable import CorralDaemon

/// Where a test's daemon lives: a folder of models, a home with a configuration file, a console.
final class DaemonHome: Sendable {
    let models: String
    let home: String
    private let texts = Mutex((said: [String](), warned: [String](), logged: ""))

    init() throws {
        home =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("corral-daemon-\(UUID().uuidString)").path
        models = home + "/models"
        for folder in [models, home + "/.config/corral"] {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: home) }

    var said: [String] { texts.withLock { $0.said } }
    var warned: [String] { texts.withLock { $0.warned } }
    var logged: String { texts.withLock { $0.logged } }

    var environment: UserEnvironment {
        UserEnvironment(variables: ["HOME": home, "CORRAL_STORES": "none"])
    }

    var keyFile: KeyFile { KeyFile(path: environment.keysFile) }

    /// Writes the configuration file.
    func configure(_ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: environment.configurationFile))
    }

    func settings() throws -> Settings {
        try Settings.read(
            flags: [.folders: [models], .port: ["0"]],
            environment: environment
        )
    }

    /// This machine with a gibibyte of memory, and the home's console.
    func surroundings() -> Daemon.Surroundings {
        var surroundings = Daemon.Surroundings(
            environment: environment,
            version: "test",
            output: Daemon.Output(
                say: { line in self.texts.withLock { $0.said.append(line) } },
                warn: { line in self.texts.withLock { $0.warned.append(line) } },
                log: { line in self.texts.withLock { $0.logged += line } }
            ),
            readSettings: { try self.settings() }
        )
        surroundings.machine = { Machine.with(.gibibytes(1)) }
        return surroundings
    }
}

/// A daemon that runs in this process, and ways to ask it.
struct RunningDaemon: Sendable {
    struct Answer: Sendable {
        var status: Int
        var text: String

        /// What stands at a path of keys in a JSON object.
        func value(_ path: String...) throws -> Any? {
            var value: Any? = try JSONSerialization.jsonObject(with: Data(text.utf8))
            for key in path { value = (value as? [String: Any])?[key] }
            return value
        }
    }

    let port: Int
    /// Asks the daemon for something, as the system's signals would.
    let signal: @Sendable (DaemonSignal) -> Void

    func get(_ path: String, key: String? = nil) async throws -> Answer {
        try await ask(path, body: nil, key: key)
    }

    func post(_ path: String, _ body: String, key: String? = nil) async throws -> Answer {
        try await ask(path, body: body, key: key)
    }

    /// Sends a request; returns as soon as the head of the answer is there.
    func send(_ path: String, body: String?, key: String? = nil) async throws -> HTTPAnswer {
        var headers = HTTPFields()
        if body != nil { headers[.contentType] = "application/json" }
        if let key { headers[.authorization] = "Bearer \(key)" }
        return try await HTTPClient().send(
            path,
            method: body == nil ? .get : .post,
            headers: headers,
            body: ByteBuffer(string: body ?? ""),
            to: .host("127.0.0.1", port: port),
            within: .seconds(120)
        )
    }

    private func ask(_ path: String, body: String?, key: String?) async throws -> Answer {
        let answer = try await send(path, body: body, key: key)
        let text = String(buffer: try await answer.body.collect(upTo: 1 << 22))
        return Answer(status: answer.status.code, text: text)
    }

    /// The names of the models that are listed.
    func models() async throws -> [String] {
        let list = try await get("/v1/models").value("data") as? [[String: Any]]
        return (list ?? []).compactMap { $0["id"] as? String }.sorted()
    }

    /// Asks a model for an answer.
    func chat(_ model: String) async throws -> Answer {
        let body = """
            {"model": "\(model)", "max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}]}
            """
        return try await post("/v1/chat/completions", body)
    }

    /// Asks again and again until something is so; what it waits for happens within seconds.
    func until(
        _ what: String,
        _ condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try await !condition() {
            guard ContinuousClock.now < deadline else { throw TookTooLong(what: what) }
            await Task.yield()
        }
    }

    struct TookTooLong: Error { var what: String }
}

/// Runs a daemon for as long as `body` takes, and ends it in order.
///
/// - Parameters:
///   - home: Where it lives.
///   - change: Changes its surroundings.
///   - run: Runs it.
///   - body: Asks it.
/// - Throws: What running it, or the body, throws.
func withDaemon(
    _ home: DaemonHome,
    change: (inout Daemon.Surroundings) -> Void = { _ in },
    run: @escaping @Sendable (Daemon) async throws -> Void,
    _ body: (RunningDaemon) async throws -> Void
) async throws {
    var surroundings = home.surroundings()
    change(&surroundings)
    let (ports, listening) = AsyncStream<Int>.makeStream()
    let (signals, signal) = AsyncStream<DaemonSignal>.makeStream()
    surroundings.output.listening = { listening.yield($0) }
    surroundings.signals = { signals }
    let daemon = Daemon(try surroundings.readSettings(), in: surroundings)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { listening.finish() }
            try await run(daemon)
        }
        guard let port = await ports.first(where: { _ in true }) else {
            // It could not start, and says why.
            return try await group.waitForAll()
        }
        do {
            try await body(RunningDaemon(port: port) { signal.yield($0) })
        } catch {
            group.cancelAll()
            throw error
        }
        signal.yield(.end)
        try await group.waitForAll()
    }
}
