import CorralCache

/// A model as Ollama's clients see it in lists.
struct OllamaModelDescription: Sendable {
    let name: String
    let role: ModelRole
    let facts: ServedFacts
    let contextTokens: Int?
    let modified: Int?
    private let identity: String

    /// Describes an entry.
    init<Options>(_ entry: ServedEntry<Options>) {
        name = entry.name
        role = entry.id.role
        facts = entry.facts
        contextTokens = entry.contextTokens
        modified = entry.created
        identity = "\(entry.id.path)|\(entry.facts.fileBytes)|\(entry.created ?? 0)"
    }

    /// The name with a tag, as all of Ollama's have one.
    static func tagged(_ name: String) -> String {
        name.contains(":") ? name : name + ":latest"
    }

    /// What every list tells of a model.
    var members: [(name: String, value: JSONValue)] {
        [
            ("name", .string(Self.tagged(name))),
            ("model", .string(Self.tagged(name))),
            ("size", JSONValue(facts.fileBytes)),
            ("digest", .string(digest)),
            ("details", details),
        ]
    }

    var modifiedAt: JSONValue { .string(WallClock.text(Double(modified ?? 0))) }

    var details: JSONValue {
        let family = facts.architecture ?? ""
        return [
            "parent_model": "",
            "format": "gguf",
            "family": .string(family),
            "families": family.isEmpty ? [] : [.string(family)],
            "parameter_size": .string(Self.parameters(facts.parameterCount)),
            "quantization_level": .string(facts.quantization ?? "unknown"),
        ]
    }

    /// What can be done with the model, in Ollama's words.
    var capabilities: [String] {
        switch role {
        case .embed: ["embedding"]
        case .rerank: ["rerank"]
        case .chat: ["completion"] + facts.abilities.sorted()
        }
    }

    /// `model_info`, under the keys of GGUF's metadata.
    var information: JSONValue {
        let architecture = facts.architecture ?? "unknown"
        var members: [(name: String, value: JSONValue)] = [
            ("general.architecture", .string(architecture)),
            ("general.parameter_count", JSONValue(facts.parameterCount)),
        ]
        if let contextTokens {
            members.append(("\(architecture).context_length", JSONValue(contextTokens)))
        }
        if let width = facts.embeddingWidth {
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
        (1...4).map { (round: UInt64) in
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325 &* (2 &* round &+ 1)
            for byte in identity.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
            let digits = String(hash, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
