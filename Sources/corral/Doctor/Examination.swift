import CorralDaemon
import CorralHost
import CorralLlamaServer
import CorralMemory

/// Looks at everything `corral serve` depends on.
struct Examination {
    let probe: DoctorProbe

    /// All findings, those first that keep the daemon from starting.
    func findings() async -> [Finding] {
        let (settings, configuration) = configuration()
        var findings = configuration
        findings += await engine(settings)
        findings += models(settings)
        findings += machine(settings)
        findings += await surroundings(settings)
        return findings
    }

    /// The settings, or the standard ones where those that are written make no sense.
    private func configuration() -> (Settings, [Finding]) {
        let subject = "configuration"
        do {
            let settings = try probe.settings()
            let from = settings.file.map { "\($0.path) makes sense" } ?? "no file, the defaults"
            do throws(ConfigurationError) {
                try settings.checkExposure()
            } catch {
                return (
                    settings,
                    [.problem(subject, "\(error)", "Give it a key, or listen on 127.0.0.1.")]
                )
            }
            return (settings, [.ok(subject, from)])
        } catch {
            let advice = "Correct it; `corral serve --show-config` shows what counts."
            let standard = try? Settings(environment: probe.environment)
            return (
                standard ?? Settings(sources: SettingSources(environment: probe.environment)),
                [.problem(subject, "\(error)", advice)]
            )
        }
    }

    // MARK: What runs the models

    private func engine(_ settings: Settings) async -> [Finding] {
        let subject = "llama-server"
        let path: String
        do {
            path = try probe.program(settings)
        } catch {
            let advice =
                "Install llama.cpp (`brew install llama.cpp`, or `make setup` in Corral's folder)."
            return [.problem(subject, "\(error)", advice)]
        }
        do {
            let facts = try await probe.facts(path)
            let build = facts.build.map { "build \($0)" } ?? "of an unknown build"
            var findings = [Finding.ok(subject, "\(path), \(build)")]
            if !facts.lacking.isEmpty {
                findings.append(
                    .warning(
                        subject,
                        "it lacks \(facts.lacking.joined(separator: ", "))",
                        "A newer llama.cpp has all of it."
                    )
                )
            }
            return findings + graphics(facts) + [helper]
        } catch {
            return [.problem(subject, "\(error)", "Install a newer llama.cpp.")]
        }
    }

    /// The GPUs the machine has, and whether llama-server can use them.
    private func graphics(_ facts: LlamaServerFacts) -> [Finding] {
        let subject = "GPU"
        let found = (try? probe.machine().gpus) ?? []
        guard !found.isEmpty else {
            return [.ok(subject, "none; models run on the processor")]
        }
        return found.map { device in
            let name = "\(device.vendor.rawValue) \(device.name)"
            if facts.devices.isEmpty {
                return .warning(
                    subject,
                    "\(name), which this llama-server was not built for",
                    "Install a llama.cpp built for it (CUDA, ROCm, Vulkan or Metal)."
                )
            }
            switch device.memory {
            case .dedicated(let memory):
                return .ok(subject, "\(name), \(memory.available) of \(memory.limit) available")
            case .host: return .ok(subject, "\(name), which shares the machine's memory")
            case .unknown:
                return .warning(
                    subject,
                    "\(name), whose memory the system does not tell",
                    "Models are not put on it; set gpu-layers only if you know what fits."
                )
            }
        }
    }

    private var helper: Finding {
        let subject = "plans"
        guard let path = probe.helper() else {
            return .ok(subject, "from the files' headers: upper bounds (no corral-dry-run here)")
        }
        return .ok(subject, "checked by llama.cpp itself (\(path))")
    }
}
