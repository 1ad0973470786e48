import ArgumentParser
import CorralMemory
import Foundation

#if CORRAL_LLAMA
import CorralCache
import CorralDaemon
import CorralLlama
import CorralLlamaServing
import CorralServing
import HTTPTypes
import NIOCore
#endif

/// Whether a command runs a file itself, instead of asking the daemon.
struct LocalOptions: ParsableArguments {
    @Flag(help: "Run the model in this process, without the daemon: MODEL is then a file's path.")
    var local = false
}

#if CORRAL_LLAMA
/// Loads a file into this process and lends it to `body`.
///
/// - Throws: `LlamaError` or `ModelCacheError` where it cannot be loaded.
func withLocalModel<Result>(
    _ path: String,
    as role: ModelRole,
    _ body: (LlamaModel) async throws -> sending Result
) async throws -> sending Result {
    guard FileManager.default.fileExists(atPath: path) else {
        throw CommandFailure(.input, "There is no file \(path); --local takes a file's path.")
    }
    let machine = try Machine()
    let cache = try ModelCache(
        engine: LlamaEngine(LlamaEngine.Configuration(machine)),
        host: machine
    )
    do {
        let result = try await cache.withModel(path, as: role, body)
        await cache.shutdown()
        return result
    } catch {
        await cache.shutdown()
        throw error
    }
}

/// What a model in this process answers to a request of the server's API, as the daemon would.
///
/// - Parameters:
///   - path: The model's file.
///   - role: What it is loaded for.
///   - route: The route, such as `/v1/embeddings`.
///   - body: The request, which is sent as JSON.
/// - Returns: The body of an answer that succeeded.
/// - Throws: ``CommandFailure`` where the model refuses, and where it cannot be loaded.
func localAnswer(
    _ path: String,
    as role: ModelRole,
    _ route: String,
    _ body: some Encodable & Sendable
) async throws -> Data {
    let content = ByteBuffer(bytes: try JSONEncoder.corral.encode(body))
    return try await withLocalModel(path, as: role) { llama in
        let answer = try await llama.respond(
            to: UpstreamRequest(method: .post, path: route, body: content)
        )
        var whole = Data()
        for try await chunk in answer.body { whole.append(contentsOf: chunk.readableBytesView) }
        guard answer.status.code < 400 else {
            throw CommandFailure(
                .failure,
                DaemonClient.message(whole) ?? "The model answered with \(answer.status.code)."
            )
        }
        return whole
    }
}

/// A conversation with a model in this process, printed as it is made.
struct LocalConversation: Conversing {
    private let llama: LlamaModel
    private let console: Console
    private let options: ReplyOptions
    private let system: String?
    private var messages: [ChatMessage] = []

    init(
        _ llama: LlamaModel,
        console: Console,
        options: ReplyOptions,
        system: String?
    ) {
        self.llama = llama
        self.console = console
        self.options = options
        self.system = system
        clear()
    }

    mutating func clear() { messages = system.map { [.system($0)] } ?? [] }

    mutating func say(_ text: String) async throws {
        let asked = messages + [.user(text)]
        var answer = ""
        do {
            for try await piece in llama.reply(to: asked, options: options) {
                answer += piece
                console.write(piece)
            }
        } catch let error as LlamaError {
            throw CommandFailure(.failure, error.message)
        }
        if !answer.hasSuffix("\n") { console.print() }
        messages = asked + [.assistant(answer)]
    }
}
#else
/// Refuses: this program cannot run a model itself.
func localAnswer(
    _ path: String,
    as role: ModelRole,
    _ route: String,
    _ body: some Encodable & Sendable
) async throws -> Data {
    throw localIsMissing
}

/// The failure of every command that has been asked to do without the daemon.
let localIsMissing = CommandFailure(
    .configuration,
    """
    This corral was built without llama.cpp's library, so that it cannot run models itself; \
    build it where pkg-config finds llama.pc, or ask the daemon: leave --local out.
    """
)
#endif
