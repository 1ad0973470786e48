import CorralDaemon
import CorralMemory

extension Examination {
    /// Ports, disks and the folder for sockets.
    func surroundings(_ settings: Settings) async -> [Finding] {
        var findings = [await port(settings.port)]
        if settings.port != Self.ollamaPort { findings += await ollama() }
        findings.append(runtimeFolder)
        findings += disks(settings)
        return findings
    }

    /// The port that Ollama listens at by default.
    private static let ollamaPort = 11434

    private func port(_ port: Int) async -> Finding {
        let subject = "port \(port)"
        guard port != 0 else { return .ok("port", "any that is free") }
        switch await probe.listener(port) {
        case .nobody: return .ok(subject, "free")
        case .corral: return .ok(subject, "a corral answers")
        case .ollama:
            return .problem(
                subject,
                "Ollama listens there",
                "Stop Ollama, or choose another port with --port."
            )
        case .other:
            return .problem(
                subject,
                "another program listens there",
                "Stop it, or choose another port with --port."
            )
        }
    }

    private func ollama() async -> [Finding] {
        let subject = "port \(Self.ollamaPort)"
        guard await probe.listener(Self.ollamaPort) == .ollama else { return [] }
        return [
            .warning(
                subject,
                "Ollama runs, and holds memory of its own that Corral can neither plan nor evict",
                "Stop it while Corral serves its models: `ollama stop MODEL`, or end the service."
            )
        ]
    }

    /// The finding about the folder that llama-servers' sockets are made in.
    private var runtimeFolder: Finding {
        let subject = "runtime folder"
        let named = probe.environment["XDG_RUNTIME_DIR"]
        if let named, let access = probe.access(named), access.isOwn, access.isPrivate,
            access.isWritable
        {
            return .ok(subject, named)
        }
        guard probe.access("/tmp")?.isWritable == true else {
            return .problem(
                subject,
                "neither \(named ?? "XDG_RUNTIME_DIR") nor /tmp can be written to",
                "Set XDG_RUNTIME_DIR to a folder of your own with mode 700."
            )
        }
        guard let named else { return .ok(subject, "/tmp, in a folder nobody else can enter") }
        return .warning(
            subject,
            "\(named) is not a folder of this user alone; /tmp is used instead",
            "Make it yours with mode 700, or unset XDG_RUNTIME_DIR."
        )
    }

    private func disks(_ settings: Settings) -> [Finding] {
        var seen: Set<String> = []
        return [probe.environment.cacheFolder, probe.environment.dataFolder].compactMap { path in
            guard seen.insert(path).inserted, let free = probe.freeSpace(path) else { return nil }
            let found = "\(free) free at \(path)"
            switch free {
            case ..<ByteCount.mebibytes(100):
                return .problem("disk", found, "Make room: nothing can be kept there.")
            case ..<ByteCount.gibibytes(1): return .warning("disk", found, "Make room.")
            default: return .ok("disk", found)
            }
        }
    }
}
