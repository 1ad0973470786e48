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
    /// Whether requests cross a network unencrypted.
    var isPlain = false

    /// Three lines: the address, the models, the memory.
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

    /// Sentences about what should worry a person, the most likely mistake first.
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

/// Says what a person needs to know, once for each address that is listened at.
struct Greeting: Sendable {
    let settings: Settings
    let output: Daemon.Output
    let catalogue: ModelCatalogue
    /// The machine's memory as it was at the start.
    let host: HostMemory
    let keys: ServedKeys

    /// Says that an address is listened at: the daemon's own, or that of Ollama's clients.
    ///
    /// - Parameter port: The port, where the system tells it.
    func listening(_ port: Int?) {
        let port = port ?? settings.port
        if let ollama = settings.ollama,
            port == ollama.port || (ollama.port == 0 && port != settings.port)
        {
            let address = Address(host: ollama.host, port: port)
            output.say("Ollama clients: \(address.url), where they look of themselves.")
        } else {
            let welcome = Welcome(
                url: Address(host: settings.host, port: port).url,
                listing: catalogue.listing,
                memory: settings.memory,
                host: host,
                isOpen: settings.isReachable && keys.keys.isEmpty,
                isPlain: settings.isReachable
            )
            for line in welcome.lines { output.say(line) }
            for warning in welcome.warnings { output.warn(warning) }
        }
        output.listening(port)
    }
}
