package import CorralDaemon
import CorralGGUF
package import CorralMemory
import CorralTesting
import Foundation

extension Machine {
    /// A machine of so much memory and nothing special.
    package static func with(_ memory: ByteCount) -> Machine {
        Machine(memory: {
            HostMemory(domains: [.host: .init(limit: memory, available: memory)])
        })
    }
}

/// A folder with models of a few kilobytes, removed in the end.
package final class ModelFolder {
    package let path: String

    package init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("corral-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a model of two layers and returns its path.
    @discardableResult
    package func addModel(_ name: String, architecture: String = "llama") throws -> String {
        var builder = GGUFBuilder()
        builder.set("general.architecture", .string(architecture))
        builder.set("general.name", "Tiny\nmodel")
        builder.set("general.file_type", 0)
        for (key, value): (String, UInt32) in [
            ("block_count", 2), ("context_length", 4096), ("embedding_length", 64),
            ("feed_forward_length", 128), ("attention.head_count", 2), ("vocab_size", 32),
        ] {
            builder.set("\(architecture).\(key)", .uint32(value))
        }
        let words = (0..<20_000).map { "token \($0)" }
        builder.set("tokenizer.ggml.tokens", .strings(words))
        builder.addTensor("token_embd.weight", .init(rawValue: 0), [64, 32])
        for layer in 0..<2 {
            builder.addTensor("blk.\(layer).attn_q.weight", .init(rawValue: 0), [64, 64])
        }
        return try add(name, builder.file())
    }

    /// Writes a projector of pictures of 224 pixels and returns its path.
    @discardableResult
    package func addProjector(_ name: String) throws -> String {
        var builder = GGUFBuilder()
        builder.set("general.architecture", "clip")
        builder.set("clip.projector_type", "mlp")
        for (key, value): (String, UInt32) in [
            ("embedding_length", 64), ("feed_forward_length", 128), ("image_size", 224),
            ("patch_size", 14),
        ] {
            builder.set("clip.vision.\(key)", .uint32(value))
        }
        builder.addTensor("v.patch_embd.weight", .init(rawValue: 0), [64, 64])
        return try add(name, builder.file())
    }

    /// Writes any file and returns its path.
    @discardableResult
    package func add(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }
}
