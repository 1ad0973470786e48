import CorralCache
import CorralMemory
import CorralPlanner
import Testing

@testable import CorralLlamaServer

struct ServerArgumentsTests {
    private func arguments(
        _ options: LlamaServerOptions = LlamaServerOptions(),
        role: ModelRole = .chat,
        path: String = "/models/a.gguf",
        accelerators: [Accelerator] = [],
        features: ServerFeatures = ServerFeaturesTests.b11434
    ) throws -> [String] {
        let plan = try Sizing.plan(options, role: role, path: path, accelerators: accelerators)
        return try ServerArguments(plan, socket: "/run/1.sock", features: features).list
    }

    /// What follows an option.
    private func value(_ option: String, _ list: [String]) -> String? {
        list.firstIndex(of: option).map { list[$0 + 1] }
    }

    @Test func `every size of the default plan is explicit`() throws {
        #expect(
            try arguments() == [
                "--model", "/models/a.gguf", "--host", "/run/1.sock", "--alias", "a", "--no-ui",
                "--offline", "--metrics", "--log-colors", "off",
                "--ctx-size", "8192", "--batch-size", "2048", "--ubatch-size", "512",
                "--parallel", "4", "--kv-unified", "--cache-type-k", "f16",
                "--cache-type-v", "f16", "--flash-attn", "on", "--threads", "3",
                "--threads-batch", "3", "--fit", "off", "--cache-ram", "0",
                "--ctx-checkpoints", "2", "--load-mode", "mmap", "--device", "none",
                "--gpu-layers", "0", "--no-warmup",
            ]
        )
    }

    @Test func `what is asked for is what is passed`() throws {
        let list = try arguments(
            LlamaServerOptions(
                LoadSettings(
                    contextTokens: 2048,
                    slots: 2,
                    unifiedCache: false,
                    batch: 1024,
                    microBatch: 256,
                    keyCacheType: .q8_0,
                    valueCacheType: .q5_1,
                    fullWindowCache: true,
                    loadMode: .copied,
                    repacks: false,
                    promptCacheLimit: .mebibytes(100),
                    contextCheckpoints: 7,
                    threads: 5
                ),
                alias: "small,one",
                extraArguments: ["--mmproj", "/m/p.gguf"]
            )
        )
        #expect(value("--ctx-size", list) == "4096", "two slots of 2,048 tokens")
        #expect(list.contains("--no-kv-unified") && !list.contains("--kv-unified"))
        #expect(value("--batch-size", list) == "1024")
        #expect(value("--ubatch-size", list) == "256")
        #expect(value("--cache-type-k", list) == "q8_0")
        #expect(value("--cache-type-v", list) == "q5_1")
        #expect(list.contains("--swa-full"))
        #expect(value("--load-mode", list) == "none")
        #expect(list.contains("--no-repack"))
        #expect(value("--cache-ram", list) == "100")
        #expect(value("--ctx-checkpoints", list) == "7")
        #expect(value("--threads", list) == "5")
        #expect(value("--alias", list) == "small_one")
        #expect(list.suffix(2) == ["--mmproj", "/m/p.gguf"])
    }

    @Test func `an embedding server has its longest text as its batch and keeps no prompts`() throws
    {
        let list = try arguments(
            LlamaServerOptions(
                LoadSettings(
                    contextTokens: 1024,
                    promptCacheLimit: .mebibytes(100),
                    pooling: .mean
                )
            ),
            role: .embed
        )
        #expect(list.contains("--embedding"))
        #expect(value("--pooling", list) == "mean")
        for option in ["--ctx-size", "--batch-size", "--ubatch-size"] {
            #expect(value(option, list) == "1024", "\(option)")
        }
        #expect(value("--cache-ram", list) == "0")
        #expect(value("--ctx-checkpoints", list) == "0")
    }

    @Test func `a reranking server is told so and gets no pooling`() throws {
        let list = try arguments(LlamaServerOptions(LoadSettings(pooling: .mean)), role: .rerank)
        #expect(list.contains("--rerank") != list.contains("--reranking"))
        #expect(!list.contains("--pooling") && !list.contains("--embedding"))
    }

    @Test func `offloaded layers go to the devices of the plan in its shares`() throws {
        let list = try arguments(
            LlamaServerOptions(LoadSettings(gpuLayers: 3, offloadsCache: false)),
            accelerators: [
                Accelerator(domain: .gpu(0), bufferName: "CUDA0", backend: .cuda, share: 3),
                Accelerator(domain: .gpu(1), bufferName: "CUDA1", backend: .cuda, share: 1),
            ]
        )
        #expect(value("--device", list) == "CUDA0,CUDA1")
        #expect(value("--gpu-layers", list) == "3")
        #expect(value("--tensor-split", list) == "3.0,1.0")
        #expect(list.contains("--no-kv-offload"))
        #expect(!list.contains("--no-warmup"), "what a device lacks shows while it loads")
    }

    @Test(arguments: ["-c", "--ctx-size=99", "--host", "-fit", "--cache-ram", "--embedding", "-m"])
    func `an extra argument that would change the plan is refused by name`(argument: String) throws
    {
        do {
            _ = try arguments(LlamaServerOptions(extraArguments: [argument, "1"]))
            Issue.record("\(argument) was taken")
        } catch LlamaServerError.Code.badArgument {
        }
    }

    @Test func `an older build is told in its own words or refused`() throws {
        let old = ServerFeatures(
            version: "version: 6000 (abc)",
            help: ServerFeaturesTests.help
                .replacing("-lm,   --load-mode MODE", with: "--no-mmap")
                .replacing("--ctx-checkpoints, --swa-checkpoints", with: "--swa-checkpoints")
                .replacing("--no-ui, --no-webui", with: "--no-webui")
                .replacing("-cram, --cache-ram N", with: "--nothing")
                .replacing("--flash-attn [on|off|auto]  ", with: "--flash-attn  ")
        )
        let list = try arguments(LlamaServerOptions(LoadSettings(loadMode: .copied)), features: old)
        #expect(list.contains("--no-mmap") && !list.contains("--load-mode"))
        #expect(value("--swa-checkpoints", list) == "2")
        #expect(list.contains("--no-webui"))
        #expect(value("--flash-attn", list)?.hasPrefix("-") == true, "a flag then, not an option")
        do {
            _ = try arguments(
                LlamaServerOptions(LoadSettings(promptCacheLimit: .mebibytes(8))),
                features: old
            )
            Issue.record("a prompt cache was promised")
        } catch let error as LlamaServerError {
            #expect(error.code == .programTooOld)
            #expect(error.message.contains("--cache-ram") && error.message.contains("build 6000"))
        }
    }
}
