import ArgumentParser
import CorralDaemon
import CorralMemory
import DaemonFixtures
import Foundation
import Testing

@testable import corral

struct PureCommandTests {
    private func json(_ recording: Recording) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(recording.output.utf8))
        return try #require(object as? [String: Any])
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
