import AsyncHTTPClient
import CorralWire
import Foundation
import NIOCore
import NIOHTTP1

/// Talks to a running daemon.
struct DaemonClient: Sendable {
    /// The start of its URLs, without a slash at the end.
    let url: String

    /// The key it wants, where one is known.
    let key: String?

    /// The longest anything may take; a big model's load and a long answer are within it.
    private static let patience = TimeAmount.hours(6)

    static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(10))
        // Where nobody listens, somebody should be told at once.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(configuration: configuration)
    }()

    /// Asks and reads the whole answer.
    ///
    /// - Parameters:
    ///   - path: The path, with a slash in front.
    ///   - body: What is sent, as JSON; nothing and a GET when `nil`.
    /// - Returns: The body of an answer that succeeded.
    /// - Throws: ``CommandFailure`` where the daemon is not there or refuses.
    func data(_ path: String, _ body: (any Encodable)? = nil) async throws -> Data {
        let response = try await response(path, body)
        let buffer = try await response.body.collect(upTo: 1 << 30)
        return Data(buffer.readableBytesView)
    }

    /// Asks and decodes the answer.
    func get<Answer: Decodable>(
        _ path: String,
        _ body: (any Encodable)? = nil,
        as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        let data = try await data(path, body)
        do {
            return try JSONDecoder.corral.decode(type, from: data)
        } catch {
            throw CommandFailure(
                .failure,
                "What answers at \(url)\(path) is not a corral of this version; check --url."
            )
        }
    }

    /// Asks and gives the payloads of server-sent events as they come.
    func events(
        _ path: String,
        _ body: (any Encodable)?,
        _ receive: (String) async throws -> Void
    ) async throws {
        let response = try await response(path, body)
        var stream = EventStream()
        for try await buffer in response.body {
            for payload in stream.feed(buffer) { try await receive(String(buffer: payload)) }
        }
    }

    private func response(
        _ path: String,
        _ body: (any Encodable)?
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url + path)
        if let body {
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: try JSONEncoder.corral.encode(body)))
        }
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        let response: HTTPClientResponse
        do {
            response = try await Self.http.execute(request, timeout: Self.patience)
        } catch let error as HTTPClientError where error == .deadlineExceeded {
            throw CommandFailure(.failure, "The daemon at \(url) did not answer for hours.")
        } catch let error as CancellationError {
            throw error
        } catch {
            throw absence
        }
        guard response.status.code >= 400 else { return response }
        let text = try await response.body.collect(upTo: 1 << 20)
        throw CommandFailure(
            .failure,
            Self.message(Data(text.readableBytesView))
                ?? "The daemon at \(url) answered with status \(response.status.code)."
        )
    }

    /// The sentence for a daemon that is not there.
    var absence: CommandFailure {
        CommandFailure(
            .unavailable,
            """
            No corral answers at \(url). Start it with `corral serve`, or name another with \
            --url or CORRAL_URL.
            """
        )
    }

    /// The sentence in an error of any of the APIs.
    static func message(_ data: Data) -> String? {
        (try? JSONDecoder.corral.decode(ErrorAnswer.self, from: data))?.error.message
    }
}
