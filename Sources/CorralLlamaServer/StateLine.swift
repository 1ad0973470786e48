#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a llama-server that was started as a child tells its parent on standard output
/// (llama.cpp b11434, `server_child::notify_to_router`).
enum StateLine: Equatable, Sendable {
    /// The model is being loaded; the fraction done, from 0 to 1.
    case loading(Double)
    /// The model is loaded, and what the server says of it.
    case ready(ReadyReport)
    /// A state that asks for nothing: downloading, sleeping, or one added since.
    case other(String)

    /// What every such line begins with.
    static let prefix = "cmd_child_to_router:state:"

    /// The line that tells such a child to exit (`CMD_ROUTER_TO_CHILD_EXIT`).
    static let exit = "cmd_router_to_child:exit\n"

    /// Reads a line.
    ///
    /// - Returns: `nil` for a line that is not a state's, or whose state cannot be read.
    init?(_ line: String) {
        guard line.hasPrefix(Self.prefix) else { return nil }
        let json = line.utf8.dropFirst(Self.prefix.utf8.count)
        guard let message = try? JSONDecoder().decode(Message.self, from: Data(json)) else {
            return nil
        }
        switch message.state {
        case "loading": self = .loading(message.payload?.fraction ?? 0)
        case "ready":
            self = .ready(
                ReadyReport(
                    contextTokens: message.payload?.meta?.contextTokens,
                    weightBytes: message.payload?.meta?.size
                )
            )
        default: self = .other(message.state)
        }
    }

    private struct Message: Decodable {
        var state: String
        var payload: Payload?
    }

    private struct Payload: Decodable {
        struct Meta: Decodable {
            var contextTokens: Int?
            var size: Int64?

            private enum CodingKeys: String, CodingKey {
                case contextTokens = "n_ctx"
                case size
            }
        }

        var stages: [String]?
        var current: String?
        var value: Double?
        var meta: Meta?

        /// Each stage is taken for an equal part of the load.
        var fraction: Double {
            let count = max(1, stages?.count ?? 1)
            let done = current.flatMap { stages?.firstIndex(of: $0) } ?? 0
            return (Double(done) + min(1, max(0, value ?? 0))) / Double(count)
        }
    }
}

/// What a llama-server says of itself once its model is loaded.
struct ReadyReport: Equatable, Sendable {
    /// The tokens of context it made.
    var contextTokens: Int?
    /// The bytes of its weights.
    var weightBytes: Int64?
}
