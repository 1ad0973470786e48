import ArgumentParser
import CorralCatalogue
import CorralDaemon
import CorralHost
import CorralLlamaServer
import CorralMemory
import DaemonFixtures
import Foundation
import Testing

@testable import corral

struct DoctorTests {
    /// A machine on which all is well, but for what a test changes.
    private func probe(
        memory: ByteCount = .gibibytes(16),
        available: ByteCount = .gibibytes(14),
        pressure: Double? = 0,
        files: [String: String] = [:],
        change: (inout DoctorProbe) -> Void = { _ in }
    ) throws -> DoctorProbe {
        let kibibytes = memory.rawValue / 1024
        var tree = [
            "/proc/meminfo": """
            MemTotal: \(kibibytes) kB
            MemAvailable: \(available.rawValue / 1024) kB
            SwapTotal: 1048576 kB
            SwapFree: 1048576 kB

            """
        ]
        tree.merge(files) { _, new in new }
        let source = HostSource.linux(LinuxSource(files: FileTree(tree)))
        let folder = try ModelFolder()
        try folder.addModel("Tiny-F32.gguf")
        let environment = UserEnvironment(variables: ["HOME": "/home/me"])
        let settings = try Settings(
            flags: [.folders: [folder.path], .stores: ["none"]],
            environment: environment
        )
        // Listed while the folder is there.
        let listing = ModelCatalogue(settings).search()
        var probe = DoctorProbe(
            settings: { settings },
            program: { _ in "/bin/llama-server" },
            facts: { _ in LlamaServerFacts(build: 11434) },
            helper: { nil },
            listing: { _ in listing },
            item: { _ in .folder(FolderIdentity(device: 1, inode: 1)) },
            machine: { try HostDescription(source) },
            memory: {
                HostMemory(
                    domains: [.host: .init(limit: memory, available: available)],
                    pressure: pressure
                )
            },
            listener: { _ in .nobody },
            freeSpace: { _ in .gibibytes(50) },
            access: { _ in .init(isOwn: true, isPrivate: false, isWritable: true) },
            environment: environment
        )
        change(&probe)
        return probe
    }

    private func found(_ probe: DoctorProbe, _ verdict: Finding.Verdict) async -> [String: String] {
        let findings = await Examination(probe: probe).findings().filter { $0.verdict == verdict }
        return Dictionary(findings.map { ($0.subject, $0.found) }) { first, _ in first }
    }

    @Test func `a machine on which all is well has neither problems nor warnings`() async throws {
        let probe = try probe()
        #expect(await found(probe, .problem).isEmpty)
        #expect(await found(probe, .warning).isEmpty)
        let fine = await found(probe, .ok)
        #expect(fine["llama-server"] == "/bin/llama-server, build 11434")
        #expect(fine["folder"]?.hasSuffix(", 1 model") == true)
        #expect(fine["port 11435"] == "free")
        #expect(fine["memory pressure"] == "none to speak of")
    }

    @Test func `what keeps the daemon from starting is a problem`() async throws {
        struct Failure: Error {}
        let probe = try probe { probe in
            probe.settings = {
                throw ConfigurationError(.malformed, at: .file("/c", line: 3), "No YAML.")
            }
            probe.program = { _ in throw Failure() }
            probe.listing = { _ in ModelCatalogue(folders: []).search() }
            probe.listener = { $0 == 11435 ? .other : .nobody }
            probe.access = { _ in nil }
            probe.freeSpace = { _ in .mebibytes(1) }
        }
        let problems = await found(probe, .problem)
        #expect(
            Set(problems.keys) == [
                "configuration", "llama-server", "models", "port 11435", "runtime folder", "disk",
            ]
        )
        #expect(problems["configuration"]?.contains("/c:3") == true)
    }

    @Test func `each finding that is not fine says what to do`() async throws {
        let probe = try probe(memory: .gibibytes(16), available: .gibibytes(1), pressure: 0.5) {
            $0.listener = { $0 == 11434 ? .ollama : .nobody }
            $0.facts = { _ in LlamaServerFacts(build: nil, lacking: ["--metrics (no figures)"]) }
        }
        let findings = await Examination(probe: probe).findings()
        let warned = findings.filter { $0.verdict != .ok }
        #expect(warned.allSatisfy { $0.advice?.isEmpty == false })
        #expect(
            Set(warned.map(\.subject)) == [
                "llama-server", "memory", "memory pressure", "port 11434",
            ]
        )
    }

    @Test func `swap in use, an old kernel and a full disk are warned of`() async throws {
        let probe = try probe(
            pressure: nil,
            files: [
                "/proc/meminfo": """
                MemTotal: 16777216 kB
                MemAvailable: 15000000 kB
                SwapTotal: 1000 kB
                SwapFree: 100 kB

                """
            ]
        ) { $0.freeSpace = { _ in .mebibytes(500) } }
        #expect(Set(await found(probe, .warning).keys) == ["swap", "memory pressure", "disk"])
    }

    @Test func `a store that may not be read is a warning, and one that is absent is nothing`()
        async throws
    {
        let environment = UserEnvironment(variables: ["HOME": "/home/me"])
        let settings = try Settings(environment: environment)
        let probe = try probe { probe in
            probe.settings = { settings }
            probe.item = { path in
                path.hasPrefix("/usr/share/ollama")
                    ? .denied : path.hasPrefix("/home/me/.lmstudio") ? .other : nil
            }
        }
        let warnings = await found(probe, .warning)
        #expect(warnings["Ollama"]?.contains("/usr/share/ollama/.ollama/models") == true)
        #expect(warnings["LM Studio"] == nil && warnings["Hugging Face"] == nil)
    }

    @Test func `the exit status tells problems from warnings`() async throws {
        let command = try #require(try Corral.parseAsRoot(["doctor"]) as? Doctor)
        let recording = Recording()
        try await command.execute(
            recording.console(),
            try probe { $0.listener = { $0 == 11434 ? .ollama : .nobody } }
        )
        #expect(recording.output.contains("warning  port 11434"))
        #expect(recording.output.hasSuffix("It works; 1 could be better.\n"))
        let broken = try probe { $0.listener = { _ in .other } }
        await #expect(throws: ExitCode.failure) {
            try await command.execute(recording.console(), broken)
        }
    }

    @Test func `programs read the findings as a list`() async throws {
        let command = try #require(try Corral.parseAsRoot(["doctor", "--json"]) as? Doctor)
        let recording = Recording()
        try await command.execute(recording.console(), try probe())
        let list = try JSONSerialization.jsonObject(with: Data(recording.output.utf8))
        let rows = try #require(list as? [[String: String]])
        #expect(rows.allSatisfy { $0["verdict"] == "ok" && $0["found"]?.isEmpty == false })
    }
}
