import CorralServer
import CorralServing
import HTTPTypes
import NIOCore
import Synchronization

extension UpstreamResponse {
    /// The path and the body that were asked.
    static func echo(_ request: UpstreamRequest) -> UpstreamResponse {
        json("{\"path\":\"\(request.path)\",\"asked\":\(String(buffer: request.body))}")
    }

    static func json(_ text: String, status: HTTPResponse.Status = .ok) -> UpstreamResponse {
        UpstreamResponse(
            status: status,
            headers: [
                .contentType: "application/json; charset=utf-8", .server: "llama.cpp",
                .connection: "keep-alive", .accessControlAllowOrigin: "*",
                .contentLength: "\(text.utf8.count)",
            ],
            body: ScriptedBody(chunks: [text])
        )
    }

    static func events(_ body: ScriptedBody) -> UpstreamResponse {
        UpstreamResponse(
            status: .ok,
            headers: [.contentType: "text/event-stream"],
            body: body
        )
    }
}

/// A body that makes each chunk when it is asked for one, and counts.
struct ScriptedBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error

    /// What happened to the body.
    final class Log: Sendable {
        private let state = Mutex((pulls: 0, wasCancelled: false))
        var pulls: Int { state.withLock { $0.pulls } }
        var wasCancelled: Bool { state.withLock { $0.wasCancelled } }
        fileprivate func pull() -> Int {
            state.withLock { state in
                defer { state.pulls += 1 }
                return state.pulls
            }
        }
        fileprivate func cancel() { state.withLock { $0.wasCancelled = true } }
    }

    let log = Log()
    private let make: @Sendable (Int) async throws -> ByteBuffer?

    /// Makes chunk after chunk with `make`, given how many were made, until `nil`.
    init(_ make: @escaping @Sendable (Int) async throws -> ByteBuffer?) {
        self.make = make
    }

    /// These chunks, then the end or an error.
    init(chunks: [String], then error: (any Error)? = nil) {
        self.init { index in
            if index < chunks.count { return ByteBuffer(string: chunks[index]) }
            if let error { throw error }
            return nil
        }
    }

    /// These chunks, then silence until it is cancelled.
    static func silent(after chunks: [String]) -> ScriptedBody {
        ScriptedBody { index in
            if index < chunks.count { return ByteBuffer(string: chunks[index]) }
            let (silence, end) = AsyncStream<Never>.makeStream()
            for await _ in silence {}
            withExtendedLifetime(end) {}
            throw CancellationError()
        }
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let body: ScriptedBody

        mutating func next() async throws -> ByteBuffer? {
            let (body, index) = (body, body.log.pull())
            return try await withTaskCancellationHandler {
                try await body.make(index)
            } onCancel: {
                body.log.cancel()
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: self) }
}
