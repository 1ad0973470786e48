internal import Foundation

/// Ollama's manifest of one model: the digests of its weights, its projector and so on.
///
/// The format is Docker's, with media types of Ollama's own (`manifest/manifest.go` there); since
/// 2026 a manifest may be a list of manifests for several engines, of which the one for llama.cpp
/// counts.
struct OllamaManifest: Decodable, Hashable, Sendable {
    struct Layer: Decodable, Hashable, Sendable {
        var mediaType: String
        var digest: String
        var size: UInt64

        /// The last word of the media type, `model` or `projector`, without parameters.
        var kind: String {
            let type = mediaType.split(separator: ";").first ?? ""
            return String(type.split(separator: ".").last ?? "")
        }
    }

    var mediaType: String?
    var layers: [Layer]?
    var runner: String?
    /// The manifests of a list.
    var manifests: [OllamaManifest]?
    /// The blob a manifest in a list stands for.
    var digest: String?

    /// The longest manifest that is read: real ones have a few kilobytes.
    static let limit = 4 << 20

    /// Reads a manifest.
    init(json text: String) throws {
        self = try JSONDecoder().decode(OllamaManifest.self, from: Data(text.utf8))
    }

    /// The manifest in a list that is for llama.cpp; `nil` where there is none.
    var forLlamaCpp: OllamaManifest? {
        guard let manifests else { return self }
        for runner in ["ollama", "llamacpp", nil] as [String?] {
            if let found = manifests.first(where: { $0.runner?.lowercased() == runner }) {
                return found
            }
        }
        return nil
    }

    /// The layers of one kind.
    func layers(_ kind: String) -> [Layer] { (layers ?? []).filter { $0.kind == kind } }

    /// The name of a digest's file; `nil` where it is none (it might lead anywhere).
    static func blobName(_ digest: String) -> String? {
        let digits = digest.dropFirst(7)
        guard digest.hasPrefix("sha256:") || digest.hasPrefix("sha256-"), digits.count == 64,
            digits.allSatisfy(\.isHexDigit)
        else { return nil }
        return "sha256-\(digits)"
    }
}

/// The settings a model brings along in Ollama (`PARAMETER` in a Modelfile).
enum OllamaParameters {
    /// llama-server's names for what it knows too.
    private static let names = [
        ("temperature", "--temp"), ("top_k", "--top-k"), ("top_p", "--top-p"),
        ("min_p", "--min-p"), ("repeat_penalty", "--repeat-penalty"),
        ("repeat_last_n", "--repeat-last-n"), ("presence_penalty", "--presence-penalty"),
        ("frequency_penalty", "--frequency-penalty"), ("seed", "--seed"),
    ]

    /// The defaults that go with the name alone: the context, and the texts that end an answer.
    static func nameDefaults(json text: String) -> NameDefaults {
        let object = object(text)
        var result = NameDefaults()
        if let tokens = (object["num_ctx"] as? NSNumber)?.intValue, tokens > 0 {
            result.contextTokens = tokens
        }
        result.stops = object["stop"] as? [String] ?? []
        return result
    }

    /// The object in a JSON text; an empty one where the text is no object.
    private static func object(_ text: String) -> [String: Any] {
        let json = try? JSONSerialization.jsonObject(with: Data(text.utf8))
        return json as? [String: Any] ?? [:]
    }

    /// The arguments of llama-server that mean the same: how tokens are sampled by default.
    static func defaults(json text: String) -> ModelOverrides {
        let object = object(text)
        var result = ModelOverrides()
        let arguments = names.flatMap { name, argument -> [String] in
            guard let number = object[name] as? NSNumber else { return [] }
            return [argument, "\(number)"]
        }
        if !arguments.isEmpty { result.arguments = arguments }
        return result
    }
}
