package import CorralCache
package import CorralJSON

/// A model as Ollama's clients see it in lists.
package struct OllamaModelDescription: Sendable {
    package var name: String
    package var role: ModelRole
    /// The path of its file, which goes into ``digest`` alone.
    package var path: String
    /// The architecture, such as `llama` or `bert`.
    package var architecture: String?
    /// The numbers in all tensors together; zero where unknown.
    package var parameterCount: UInt64 = 0
    /// How the weights are quantized, such as `Q4_K_M`.
    package var quantization: String?
    /// The size of its files, in bytes; zero where unknown.
    package var fileBytes: Int64 = 0
    /// The elements of a token's embedding.
    package var embeddingWidth: Int?
    /// What it can do besides generating text: `tools`, `vision`, `thinking`, `insert`.
    package var abilities: Set<String> = []
    /// The tokens of context it was trained for, where known.
    package var contextTokens: Int?
    /// When its file was last changed, in seconds since 1970, where known.
    package var modified: Int?

    /// Describes a model of which nothing else is known.
    package init(name: String, role: ModelRole, path: String) {
        self.name = name
        self.role = role
        self.path = path
    }

    /// The name with a tag, as all of Ollama's have one.
    static func tagged(_ name: String) -> String {
        name.contains(":") ? name : name + ":latest"
    }

    /// The members that a model has in every list.
    package var members: [(name: String, value: JSONValue)] {
        [
            ("name", .string(Self.tagged(name))),
            ("model", .string(Self.tagged(name))),
            ("size", JSONValue(fileBytes)),
            ("digest", .string(digest)),
            ("details", details),
        ]
    }

    /// When its file was last changed.
    package var modifiedAt: JSONValue { .string(WallClock.text(Double(modified ?? 0))) }

    /// `details`: the format, the family and the size.
    package var details: JSONValue {
        let family = architecture ?? ""
        return [
            "parent_model": "",
            "format": "gguf",
            "family": .string(family),
            "families": family.isEmpty ? [] : [.string(family)],
            "parameter_size": .string(Self.parameters(parameterCount)),
            "quantization_level": .string(quantization ?? "unknown"),
        ]
    }

    /// What can be done with the model, in Ollama's words.
    package var capabilities: [String] {
        switch role {
        case .embed: ["embedding"]
        case .rerank: ["rerank"]
        case .chat: ["completion"] + abilities.sorted()
        }
    }

    /// `model_info`, under the keys of GGUF's metadata.
    package var information: JSONValue {
        let architecture = architecture ?? "unknown"
        var members: [(name: String, value: JSONValue)] = [
            ("general.architecture", .string(architecture)),
            ("general.parameter_count", JSONValue(parameterCount)),
        ]
        if let contextTokens {
            members.append(("\(architecture).context_length", JSONValue(contextTokens)))
        }
        if let width = embeddingWidth {
            members.append(("\(architecture).embedding_length", JSONValue(width)))
        }
        return .object(members)
    }

    /// A number of parameters as Ollama writes it (`format.HumanNumber`).
    ///
    /// - Parameter count: The parameters; zero where unknown.
    /// - Returns: Such as `134.52M` or `8.0B`.
    static func parameters(_ count: UInt64) -> String {
        switch count {
        case 0: "unknown"
        case 1_000_000_000...: fixed(count, per: 1_000_000_000, digits: 1) + "B"
        case 1_000_000...: fixed(count, per: 1_000_000, digits: 2) + "M"
        case 1000...: "\((count + 500) / 1000)K"
        default: "\(count)"
        }
    }

    private static func fixed(_ count: UInt64, per unit: UInt64, digits: Int) -> String {
        if count.isMultiple(of: unit) { return "\(count / unit)" }
        let scale: UInt64 = digits == 1 ? 10 : 100
        let scaled = UInt64((Double(count) / Double(unit) * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(scaled / scale).\(zeros)\(fraction)"
    }

    /// Tells one state of the model's file from others: not a hash of its content,
    /// which would take reading it, but of where it is, how long, and how old.
    ///
    /// FNV-1a (Fowler, Noll, Vo) with four beginnings, as long as what Ollama shows.
    var digest: String {
        let identity = Array("\(path)|\(fileBytes)|\(modified ?? 0)".utf8)
        return (1...4).map { (round: UInt64) in
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325 &* (2 &* round &+ 1)
            for byte in identity { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
            let digits = String(hash, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
