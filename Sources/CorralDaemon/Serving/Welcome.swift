import CorralCatalogue
import CorralMemory

/// What a person needs to know when the daemon has started: where it is, what it serves, and how
/// much memory that may take.
struct Welcome {
    /// The start of the URLs it answers at.
    var url: String
    var listing: CatalogueListing
    var memory: MemoryBudget
    var host: HostMemory
    /// Whether other machines can use it without a key.
    var isOpen = false
    /// Whether what they send crosses a network as it is.
    var isPlain = false

    /// The three lines.
    var lines: [String] {
        let budget = memory.resolved(for: host)
        let available = host.available
        let limits = host.limits
        let domains = host.domains.keys.sorted().map { domain in
            "\(budget[domain]) of \(limits[domain]) in \(domain), \(available[domain]) available now"
        }
        return [
            "Corral listens at \(url) (OpenAI and Anthropic clients: \(url)/v1).",
            models,
            "Memory for models (\(memory)): \(domains.joined(separator: "; ")).",
        ]
    }

    private var models: String {
        let entries = listing.entries
        let names = entries.prefix(6).map { "\($0.name) (\($0.role))" }.joined(separator: ", ")
        let more = entries.count > 6 ? " and \(entries.count - 6) more" : ""
        let count = entries.count == 1 ? "1 model" : "\(entries.count) models"
        return entries.isEmpty ? "No models yet." : "\(count): \(names)\(more)."
    }

    /// What should worry a person.
    var warnings: [String] {
        var warnings: [String] = []
        if listing.entries.isEmpty {
            let folders = listing.folders.joined(separator: ", ")
            warnings.append(
                """
                There are no models in \(folders), nor any of Ollama's, LM Studio's, llama.cpp's or \
                Hugging Face's. Put GGUF files there (any publisher's; for a first try `make \
                setup` fetches small ones), or name a folder with --models; they are found \
                without a restart.
                """
            )
        }
        for file in listing.unusable where file.isNoteworthy { warnings.append(file.reason) }
        for name in listing.unmatchedOverrides {
            warnings.append("The configuration has a section for \(name), which is no model here.")
        }
        if isOpen {
            warnings.append(
                """
                ANYONE who reaches \(url) can use the models and unload them: \
                there is no API key, and --insecure-allow-remote was given.
                """
            )
        }
        if isPlain, !isOpen {
            warnings.append(
                """
                Keys and texts cross the network unencrypted; where others may listen, put a proxy \
                that speaks TLS in front (docs/security.md).
                """
            )
        }
        return warnings
    }
}
