/// What one build of llama-server can be told, read from its `--help` and `--version`.
///
/// Options move between builds, so each is looked for before it is used.
struct ServerFeatures: Equatable, Sendable {
    /// The build number, `nil` where the program does not say.
    let build: Int?

    /// Every option, with the rest of its line: what it takes and what it is for.
    private let options: [String: String]

    /// Reads the two texts.
    init(version: String, help: String) {
        build = Self.build(version)
        var options: [String: String] = [:]
        for line in help.split(separator: "\n") where line.first == "-" {
            var rest = line[...]
            var names: [String] = []
            while rest.first == "-" {
                let name = rest.prefix { $0 != " " && $0 != "," }
                names.append(String(name))
                rest = rest.dropFirst(name.count).drop { $0 == " " || $0 == "," }
            }
            // A line of dashes is a heading.
            for name in names where name.contains(where: \.isLetter) {
                options[name] = String(rest)
            }
        }
        self.options = options
    }

    /// Whether there is such an option.
    func has(_ option: String) -> Bool { options[option] != nil }

    /// The first of `candidates` there is: the newest name first.
    func first(of candidates: [String]) -> String? { candidates.first(where: has) }

    /// Whether an option is followed by a value.
    func takesValue(_ option: String) -> Bool {
        guard let first = options[option]?.first else { return false }
        return first == "[" || first == "<" || first == "{" || first.isUppercase
    }

    /// What the program lacks that nothing can stand in for; empty for a build that will do.
    var missing: [String] {
        var missing = [
            ["--model"], ["--host"], ["--ctx-size"], ["--batch-size"], ["--ubatch-size"],
            ["--parallel"], ["--cache-type-k"], ["--cache-type-v"], ["--flash-attn"],
            ["--kv-unified"], ["--embedding", "--embeddings"], ["--reranking", "--rerank"],
        ].filter { first(of: $0) == nil }.map { $0[0] }
        if has("--host"), options["--host"]?.uppercased().contains("UNIX") != true {
            missing.append("--host with a unix socket")
        }
        return missing
    }

    /// `version: 0.6.0-dev (build 11434, commit …)`, or `version: 6500 (b3a8bc2)` before that.
    private static func build(_ text: String) -> Int? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("version:") })
        else { return nil }
        let words = line.split { " (),".contains($0) }
        if let index = words.firstIndex(of: "build"), index + 1 < words.count {
            return Int(words[index + 1])
        }
        return words.count > 1 ? Int(words[1]) : nil
    }
}
