#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A line of the helper's.
enum DryRunAnswer {
    /// Who answers.
    struct Engine: Decodable {
        let available: Bool
        let version: String?
        let build: Int?

        func named() throws(DryRunError) -> DryRunEngine {
            guard available else {
                throw DryRunAnswer.error(
                    "unavailable",
                    "the helper was built without llama.cpp's headers"
                )
            }
            return DryRunEngine(version: version ?? "", build: build)
        }
    }

    /// What comes first: who answers, and about what.
    struct Opening: Decodable {
        struct Model: Decodable {
            let n_ctx_train: Int
        }
        let engine: Engine
        let model: Model
    }

    /// That a header was written, and by whom.
    struct Description: Decodable {
        let engine: Engine
    }

    private struct Failure: Decodable {
        let error: String
        let message: String
    }

    /// Reads a line.
    ///
    /// - Throws: What the helper says is wrong, or that it is no such line.
    static func read<Value: Decodable>(
        _ type: Value.Type,
        from line: String
    ) throws(DryRunError) -> Value {
        let bytes = Data(line.utf8)
        let decoder = JSONDecoder()
        if let value = try? decoder.decode(type, from: bytes) { return value }
        guard let failure = try? decoder.decode(Failure.self, from: bytes) else {
            throw DryRunError(
                .invalidAnswer,
                "The dry run's helper answered '\(line.prefix(200))', which is none of its answers; use the one of this build."
            )
        }
        throw error(failure.error, failure.message)
    }

    fileprivate static func error(_ kind: String, _ message: String) -> DryRunError {
        let lines = message.split(separator: "\n").map(String.init)
        let last = lines.last ?? message
        return switch kind {
        case "unavailable":
            DryRunError(.unavailable, "There is no dry run, so plans are analytic: \(message).")
        case "model":
            DryRunError(
                .modelRefused,
                "llama.cpp does not load the file (\(lines.first ?? message)); give a GGUF model that this build knows.",
                logLines: lines
            )
        case "context":
            DryRunError(
                .contextRefused,
                "llama.cpp refuses the context (\(last)); change the option it names.",
                logLines: lines
            )
        case "memory":
            DryRunError(
                .tooLarge,
                "The dry run was ended because \(message); raise its limit or ask for fewer sequences."
            )
        default:
            DryRunError(.invalidRequest, "The dry run's helper refuses the request: \(message).")
        }
    }
}
