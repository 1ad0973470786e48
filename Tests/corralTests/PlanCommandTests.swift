import ArgumentParser
import CorralDaemon
import CorralDryRun
import CorralGGUF
import CorralMemory
import CorralPlanner
import DaemonFixtures
import Foundation
import Testing

@testable import corral

struct PlanCommandTests {
    private func json(_ recording: Recording) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(recording.output.utf8))
        return try #require(object as? [String: Any])
    }

    private func plan(
        _ arguments: [String],
        on machine: Machine = .with(.gibibytes(8)),
        width: Int? = nil,
        environment: [String: String] = [:]
    ) async throws -> Recording {
        let recording = Recording()
        let command = try #require(try Corral.parseAsRoot(["plan"] + arguments) as? Plan)
        try await command.execute(
            recording.console(width: width),
            machine: machine,
            environment: UserEnvironment(
                variables: environment.merging(["HOME": "/nowhere"]) { given, _ in given }
            )
        )
        return recording
    }

    @Test func `a plan is printed with its parts, its total and the largest context`() async throws
    {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let text = try await plan([path, "--models", folder.path]).output
        for word in ["tiny: llama", "weights", "KV cache", "total in host", "4096 tokens"] {
            #expect(text.contains(word), "\(text)")
        }
        #expect(text.contains("It fits"))
    }

    @Test func `a projector beside a model is part of its plan, unless it is not for chat`()
        async throws
    {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let arguments = [path, "--models", folder.path, "--json", "--context", "512"]
        func total(_ plan: [String: Any]) throws -> Int {
            try #require((plan["domains"] as? [String: Int])?["host"])
        }
        let alone = try total(json(await plan(arguments)))
        let projector = try ProjectorPlan(
            GGUFFile(path: folder.addProjector("mmproj-Tiny-F32.gguf"))
        )
        let both = try json(await plan(arguments))
        let parts = try #require(both["parts"] as? [String: [String: Any]])
        #expect(parts["projector"]?["bytes"] as? Int == Int(projector.total.rawValue))
        #expect(try total(both) == alone + Int(projector.total.rawValue))
        let table = try await plan(Array(arguments.prefix(3))).output
        #expect(table.contains("projector"))
        let embedding = try json(await plan(arguments + ["--role", "embed"]))
        let others = try #require(embedding["parts"] as? [String: [String: Any]])
        #expect(others["projector"]?["bytes"] as? Int == 0)
    }

    @Test func `layers are planned onto devices that the machine does not have`() async throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let arguments = [path, "--json", "--context", "512"]
        let devices = ["--device", "cuda:1GiB", "--device", "cuda:1GiB"]
        let split = try json(await plan(arguments + devices))
        let buffers = try #require(split["buffers"] as? [String: [String: Int]])
        #expect(Set(buffers.keys).isSuperset(of: ["CPU", "CUDA0", "CUDA1"]))
        #expect(split["gpu_layers"] as? Int == 3)
        #expect((split["budget"] as? [String: Int])?["gpu1"] == 1 << 30)
        let one = try json(await plan(arguments + devices + ["--gpu-layers", "1"]))
        #expect(Set(try #require(one["buffers"] as? [String: Any]).keys) == ["CPU", "CUDA0"])
        // Where there is none, the option changes nothing, and that is said.
        let none = try await plan(arguments + ["--gpu-layers", "1"])
        #expect(none.errors.contains("--device"))
        #expect(throws: (any Error).self) {
            try Corral.parseAsRoot(["plan", path, "--device", "cuda"])
        }
    }

    @Test func `a plan in JSON has what llama.cpp would report, in its words`() async throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let plan = try json(
            await plan([
                path, "--json", "--context", "1000", "--batch", "700", "--ubatch", "100",
                "--parallel", "1", "--outputs", "0",
            ])
        )
        #expect(plan["n_ctx"] as? Int == 1024)
        #expect(plan["n_ctx_seq"] as? Int == 1024)
        let buffers = try #require(plan["buffers"] as? [String: [String: Int]])
        // Two layers of keys and values of 64 halves for each of 1,024 tokens.
        #expect(buffers["CPU"]?["context"] == 2 * 2 * 64 * 2 * 1024)
        #expect(plan["output"] is Int)
        #expect(plan["fits"] as? Bool == true)
        #expect(plan["largest_context"] as? Int == 4096)
    }

    @Test func `flags set what they name`() async throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        func context(_ arguments: String...) async throws -> Int {
            let plan = try json(await plan([path, "--json", "--context", "2048"] + arguments))
            let buffers = try #require(plan["buffers"] as? [String: [String: Int]])
            return try #require(buffers["CPU"]?["context"])
        }
        let whole = try await context()
        #expect(try await context("--kv-type", "q8_0") * 32 == whole * 17)
        let mixed = try await context("--cache-type-k", "q8_0", "--cache-type-v", "f16")
        #expect(mixed * 64 == whole * 49)
        #expect(try await context("--parallel", "4", "--kv-unified") == whole)
    }

    @Test func `what does not fit is said, with what is needed`() async throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let recording = try await plan([path, "--memory", "5MiB"])
        #expect(recording.output.contains("It does not fit"))
        let answer = try json(await plan([path, "--memory", "5MiB", "--json"]))
        #expect(answer["fits"] as? Bool == false)
        #expect(answer["largest_context"] is NSNull || answer["largest_context"] == nil)
    }

    @Test func `several models are added up, a file twice only once as far as it is mapped`()
        async throws
    {
        let folder = try ModelFolder()
        let (one, two) = (try folder.addModel("One-F32.gguf"), try folder.addModel("Two-F32.gguf"))
        func total(_ paths: String...) async throws -> Int {
            let plan = try json(await plan(paths + ["--json", "--load-mode", "mapped"]))
            let totals = try #require(plan["total"] as? [String: Int])
            return try #require(totals["host"])
        }
        let (two_, same) = (try await total(one, two), try await total(one, one))
        #expect(two_ > same)
        #expect(try await plan([one, two]).output.contains("They fit together"))
    }

    @Test func `a model is planned by its name`() async throws {
        let folder = try ModelFolder()
        try folder.addModel("Tiny-F32.gguf")
        #expect(
            try await plan(["tiny", "--models", folder.path]).output.hasPrefix("tiny: llama")
        )
        await #expect(throws: (any Error).self) {
            try await plan(["tony", "--models", folder.path])
        }
    }

    @Test func `levers are offered with what each would save`() async throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let text = try await plan([path, "--flash-attn", "off"]).output
        #expect(text.contains("TO NEED LESS"))
        let answer = try json(await plan([path, "--flash-attn", "off", "--json"]))
        let levers = try #require(answer["levers"] as? [[String: Any]])
        #expect(!levers.isEmpty)
        for lever in levers {
            let saves = try #require(lever["saves"] as? [String: Int])
            #expect((saves["host"] ?? 0) > 0)
            #expect(lever["fits"] as? Bool == true)
        }
    }

    @Test func `each domain's parts have sources, and add up to its total`() async throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let answer = try json(await plan([path, "--json", "--load-mode", "copied"]))
        let domains = try #require(answer["by_domain"] as? [String: [String: Any]])
        let host = try #require(domains["host"])
        let parts = try #require(host["parts"] as? [String: [String: Any]])
        let sum = parts.values.compactMap { $0["bytes"] as? Int }.reduce(0, +)
        #expect(sum == host["total"] as? Int)
        let sources = Set(parts.values.compactMap { $0["source"] as? String })
        #expect(sources.isSubset(of: ["exact", "closedForm", "dryRun", "measured"]))
        #expect(parts["weights"]?["source"] as? String == "exact")
        #expect(parts["compute"]?["source"] as? String == "closedForm")
    }

    @Test func `a header without its weights has the plan of the whole file`() async throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let whole = try json(await plan([path, "--json"]))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let data = Int(try GGUFFile(path: path).header.dataOffset)
        let header = try folder.add("Header-F32.gguf", [UInt8](bytes.prefix(data)))
        let planned = try json(await plan([header, "--json"]))
        #expect(planned["buffers"] as? NSDictionary == whole["buffers"] as? NSDictionary)
    }

    @Test func `a header cut short is refused in one sentence`() async throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        for length in [0, 3, 8, 24, 200, 5000] {
            let cut = try folder.add("cut.gguf", bytes.prefix(length) + [])
            await #expect(throws: GGUFError.self, "\(length)") { try await plan([cut]) }
        }
    }

    @Test func `a dry run without its program says that plans are analytic`() async throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let error = try await #require(throws: ConfigurationError.self) {
            try await plan(
                [path, "--layer", "dry-run"],
                environment: ["CORRAL_DRY_RUN": folder.path + "/absent"]
            )
        }
        #expect(CommandFailure(error).status == .unavailable)
        #expect(error.description.contains("analytic"))
    }

    @Test(arguments: ["kill -SEGV $$", "echo nonsense", "exit 3"])
    func `a helper that fails fails the command and nothing else`(script: String) async throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let helper = try folder.add("helper", Array("#!/bin/sh\n\(script)\n".utf8))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: helper)
        await #expect(throws: DryRunError.self) {
            try await plan(
                [path, "--layer", "dry-run"],
                environment: ["CORRAL_DRY_RUN": helper]
            )
        }
    }

    @Test func `an architecture nobody knows is planned with a note where there is no dry run`()
        async throws
    {
        let folder = try ModelFolder()
        let path = try folder.addModel("Fresh-F32.gguf", architecture: "fresh")
        let recording = try await plan(
            [path],
            environment: ["CORRAL_DRY_RUN": folder.path + "/absent"]
        )
        #expect(recording.output.contains("not known"))
        #expect(recording.errors.contains("analytic"))
    }

    @Test func `what was measured of a model is shown as measured`() async throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let model = try ModelDescription(GGUFFile(path: path))
        let arguments = [path, "--json", "--context", "2048", "--load-mode", "mapped"]
        let before = try json(await plan(arguments))
        let load: LoadOptions = {
            var load = LoadOptions.llamaServer(.chat, contextTokens: 2048)
            load.contextCheckpoints = 2
            return load
        }()
        let planner = MemoryPlanner(model)
        let plain = try planner.plan(load)
        var store = CorrectionStore()
        let measured = plain.settled + .host(.mebibytes(40))
        store.record(
            measured,
            at: .fullBatch,
            filledTokens: plain.filledTokens,
            for: CorrectionKey(
                files: try #require(model.fileIdentity),
                engine: "llama.cpp b11434",
                options: load.correctionText(plain)
            ),
            name: "Tiny-F32.gguf",
            planned: plain
        )
        let state = folder.path + "/state"
        try CorrectionFile(path: state + "/corral/corrections.json").write(store)
        let after = try json(await plan(arguments, environment: ["XDG_STATE_HOME": state]))
        func total(_ answer: [String: Any]) -> Int {
            (answer["domains"] as? [String: Int])?["host"] ?? 0
        }
        #expect(total(after) == total(before) + 40 << 20)
        #expect(after["measured_with"] as? String == "llama.cpp b11434")
    }
}
