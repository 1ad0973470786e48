/// A model's name in Ollama: `host/namespace/model:tag`.
struct OllamaName: Hashable, Sendable {
    var host: String
    var namespace: String
    var model: String
    var tag: String

    /// The name as `ollama list` shows it, but for `:latest`, which is implied: parts that are
    /// Ollama's own are left out.
    var short: String {
        let tagged = tag == "latest" ? model : "\(model):\(tag)"
        if host == "registry.ollama.ai" {
            return namespace == "library" ? tagged : "\(namespace)/\(tagged)"
        }
        return "\(host)/\(namespace)/\(tagged)"
    }

    /// The name with all its parts.
    var full: String { "\(host)/\(namespace)/\(model):\(tag)" }

    /// Every way to write it.
    var spellings: [String] {
        var all = [short]
        if host == "registry.ollama.ai" {
            let tagged = "\(model):\(tag)"
            if namespace == "library" { all += [tagged, "library/\(tagged)"] }
            all.append("\(namespace)/\(tagged)")
        }
        return all + [full]
    }
}
