import CorralCache
import CorralGGUF
import CorralMemory
import CorralPlanner
import CorralTesting

@testable import CorralLlamaServer

/// Plans for small models that exist in memory alone.
enum Sizing {
    static func configuration(accelerators: [Accelerator] = []) -> LlamaServerConfiguration {
        LlamaServerConfiguration(
            program: "/usr/bin/llama-server",
            environment: [:],
            accelerators: accelerators,
            threads: 3
        )
    }

    static func planner(
        context: UInt32 = 8192,
        matrix: GGMLType = .f16
    ) throws -> MemoryPlanner {
        var builder = GGUFBuilder()
        builder.set("general.architecture", "llama")
        for (key, value): (String, UInt32) in [
            ("block_count", 4), ("context_length", context), ("embedding_length", 256),
            ("feed_forward_length", 512), ("attention.head_count", 4), ("vocab_size", 64),
        ] {
            builder.set("llama.\(key)", .uint32(value))
        }
        builder.addTensor("token_embd.weight", matrix, [256, 64])
        builder.addTensor("output.weight", matrix, [256, 64])
        for layer in 0..<4 {
            builder.addTensor("blk.\(layer).ffn_up.weight", matrix, [256, 4096])
        }
        // Behind what may be repacked, so that the pages before it stay mapped.
        builder.addTensor("output_norm.weight", .f32, [256])
        let file = builder.file()
        let header = try GGUFHeader(parsing: file.span, fileSize: UInt64(file.count))
        let model = try ModelDescription(
            shards: [header],
            fileBytes: ByteCount(clamping: file.count),
            sharedName: "file"
        )
        return MemoryPlanner(model)
    }

    static func plan(
        _ options: LlamaServerOptions = LlamaServerOptions(),
        role: ModelRole = .chat,
        path: String = "/models/a.gguf",
        minimumContext: Int = 0,
        limits: DomainBytes = .host(.gibibytes(64)),
        accelerators: [Accelerator] = [],
        planner: MemoryPlanner? = nil
    ) throws -> LlamaServerPlan {
        let planner = try planner ?? Self.planner()
        let machine = configuration(accelerators: accelerators)
        let settled = try sizing(options, role: role, machine).settled(
            planner,
            leastContext: minimumContext,
            within: limits
        )
        return LlamaServerPlan(
            ModelID(path: path, role: role),
            options,
            settled,
            planner
        )
    }

    static func sizing(
        _ options: LlamaServerOptions = LlamaServerOptions(),
        role: ModelRole = .chat,
        _ machine: LlamaServerConfiguration = configuration()
    ) -> LoadSizing {
        LoadSizing(
            options.load,
            role: role,
            process: .llamaServer,
            accelerators: machine.accelerators,
            cpu: machine.cpu,
            threads: machine.threads
        )
    }
}
