import CorralHTTP
import CorralWire
import Foundation
import HTTPTypes
import NIOCore

/// Talks to a running daemon.
struct DaemonClient: Sendable {
    /// The start of its URLs, without a slash at the end.
    let url: String

    /// The key it wants, where one is known.
    let key: String?

    /// The longest anything may take; a big model's load and a long answer are within it.
    private static let patience = Duration.seconds(6 * 3600)

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

    private func response(_ path: String, _ body: (any Encodable)?) async throws -> HTTPAnswer {
        var headers = HTTPFields()
        var content = ByteBuffer()
        if let body {
            headers[.contentType] = "application/json"
            content = ByteBuffer(bytes: try JSONEncoder.corral.encode(body))
        }
        if let key { headers[.authorization] = "Bearer \(key)" }
        let answer: HTTPAnswer
        do {
            answer = try await HTTPClient(connectTimeout: .seconds(10)).send(
                path,
                method: body == nil ? .get : .post,
                headers: headers,
                body: content,
                to: HTTPEndpoint(url: url),
                within: Self.patience
            )
        } catch let error as HTTPClientError {
            switch error.code {
            case .badURL, .noTLS: throw CommandFailure(.usage, error.message)
            case .deadlineExceeded:
                throw CommandFailure(.failure, "The daemon at \(url) did not answer for hours.")
            default: throw absence
            }
        }
        guard answer.status.code >= 400 else { return answer }
        let text = try await answer.body.collect(upTo: 1 << 20)
        throw CommandFailure(
            .failure,
            Self.message(Data(text.readableBytesView))
                ?? "The daemon at \(url) answered with status \(answer.status.code)."
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

extension JSONDecoder {
    /// Reads what corral's own routes write.
    static var corral: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }
}

extension JSONEncoder {
    /// Writes what corral's own routes read, and what programs read of a command.
    static var corral: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
