import ArgumentParser
import CorralMemory
import Foundation
import Testing

@testable import corral

struct PureCommandTests {
    private func json(_ recording: Recording) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(recording.output.utf8))
        return try #require(object as? [String: Any])
    }

    private func plan(
        _ arguments: [String],
        on machine: Machine = .with(.gibibytes(8)),
        width: Int? = nil
    ) throws -> Recording {
        let recording = Recording()
        let command = try #require(try Corral.parseAsRoot(["plan"] + arguments) as? Plan)
        try command.execute(recording.console(width: width), machine: machine)
        return recording
    }

    @Test func `a plan is printed with its parts, its total and the largest context`() throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let text = try plan([path, "--models", folder.path]).output
        for word in ["tiny: llama", "weights", "KV cache", "total in host", "4096 tokens"] {
            #expect(text.contains(word), "\(text)")
        }
        #expect(text.contains("It fits"))
    }

    @Test func `a plan in JSON has what llama.cpp would report, in its words`() throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let plan = try json(
            plan([
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

    @Test func `flags set what they name`() throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        func context(_ arguments: String...) throws -> Int {
            let plan = try json(plan([path, "--json", "--context", "2048"] + arguments))
            let buffers = try #require(plan["buffers"] as? [String: [String: Int]])
            return try #require(buffers["CPU"]?["context"])
        }
        let whole = try context()
        #expect(try context("--kv-type", "q8_0") * 32 == whole * 17)
        let mixed = try context("--cache-type-k", "q8_0", "--cache-type-v", "f16")
        #expect(mixed * 64 == whole * 49)
        #expect(try context("--parallel", "4", "--kv-unified") == whole)
    }

    @Test func `what does not fit is said, with what is needed`() throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let recording = try plan([path, "--memory", "5MiB"])
        #expect(recording.output.contains("It does not fit"))
        let answer = try json(plan([path, "--memory", "5MiB", "--json"]))
        #expect(answer["fits"] as? Bool == false)
        #expect(answer["largest_context"] is NSNull || answer["largest_context"] == nil)
    }

    @Test func `several models are added up, a file twice only once as far as it is mapped`()
        throws
    {
        let folder = try ModelFolder()
        let (one, two) = (try folder.addModel("One-F32.gguf"), try folder.addModel("Two-F32.gguf"))
        func total(_ paths: String...) throws -> Int {
            let plan = try json(plan(paths + ["--json", "--load-mode", "mapped"]))
            let totals = try #require(plan["total"] as? [String: Int])
            return try #require(totals["host"])
        }
        #expect(try total(one, two) > total(one, one))
        #expect(try plan([one, two]).output.contains("They fit together"))
    }

    @Test func `a model is planned by its name`() throws {
        let folder = try ModelFolder()
        try folder.addModel("Tiny-F32.gguf")
        #expect(try plan(["tiny", "--models", folder.path]).output.hasPrefix("tiny: llama"))
        #expect(throws: (any Error).self) { try plan(["tony", "--models", folder.path]) }
    }

    @Test func `a file's metadata is shown, with long arrays by their length`() throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let recording = Recording()
        let command = try #require(try Corral.parseAsRoot(["inspect", path]) as? Inspect)
        try command.execute(recording.console(width: 100))
        let lines = recording.output.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("general.architecture ") && $0.hasSuffix("llama") })
        #expect(recording.output.contains("(20000 elements)"))
        #expect(lines.contains { $0.contains("blk.1.attn_q.weight") && $0.contains("64×64") })
        #expect(lines.dropFirst().allSatisfy { $0.count <= 100 })
    }

    @Test func `a file's metadata is JSON for programs`() throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let recording = Recording()
        let command = try #require(
            try Corral.parseAsRoot(["inspect", path, "--json"]) as? Inspect
        )
        try command.execute(recording.console())
        let file = try json(recording)
        #expect(file["tensor_count"] as? Int == 3)
        let metadata = try #require(file["metadata"] as? [[String: Any]])
        let tokens = try #require(
            metadata.first { $0["key"] as? String == "tokenizer.ggml.tokens" }
        )
        #expect((tokens["value"] as? [String: Any])?["count"] as? Int == 20_000)
    }

    @Test func `reading can be timed`() throws {
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let recording = Recording()
        let command = try #require(
            try Corral.parseAsRoot(["inspect", path, "--time", "3"]) as? Inspect
        )
        try command.execute(recording.console())
        let seconds = try #require(Double(recording.output.dropLast()))
        #expect(seconds > 0 && seconds < 10)
    }

    @Test func `models are listed with what they are, and broken files with what is wrong`()
        throws
    {
        let folder = try ModelFolder()
        try folder.addModel("Tiny-F32.gguf")
        try folder.addModel("Vectors-F32.gguf", architecture: "bert")
        try folder.add("bad.gguf", Array("no model".utf8))
        let settings = try Settings(
            flags: [.folders: [folder.path], .stores: ["none"]],
            environment: UserEnvironment(variables: [:])
        )
        let recording = Recording()
        let command = try #require(try Corral.parseAsRoot(["list"]) as? List)
        try command.execute(
            recording.console(),
            settings: settings,
            machine: .with(.gibibytes(8))
        )
        let lines = recording.output.split(separator: "\n").map {
            $0.split(separator: " ").map(String.init)
        }
        #expect(lines[1].starts(with: ["tiny", "chat"]))
        #expect(lines[2].starts(with: ["vectors", "embed"]))
        #expect(lines.count == 3)
        #expect(recording.errors.contains("bad.gguf"))
    }
}
