import CorralGGUF
import CorralMemory
import CorralPlanner
import SharedFixtures
import Testing

/// What goes to a device, for every number of layers, against a count of the header's own tensors.
@Suite(.enabled(if: Fixtures.areAvailable, "the shared folder has no gguf-fixtures"))
struct OffloadTests {
    let fixtures: Fixtures

    init() throws { fixtures = try Fixtures.loaded.get() }

    /// The bytes on the device by the rules: the last layers, the output the very first, a tied
    /// embedding once more, rotary factors wherever a layer is.
    private func expected(_ header: GGUFHeader, layers: Int, offloaded: Int) -> Int64 {
        guard offloaded > 0 else { return 0 }
        let start = layers + 1 - offloaded
        let isTied = !header.tensors.contains { $0.name == "output.weight" }
        return header.tensors.reduce(0) { sum, tensor in
            let bytes = (Int64(tensor.byteCount) + 31) / 32 * 32
            let parts = tensor.name.split(separator: ".")
            let isThere: Bool
            if parts[0] == "blk" {
                isThere = (Int(parts[1]) ?? 0) >= start
            } else if parts[0] == "rope_freqs" {
                isThere = offloaded >= 2
            } else {
                isThere = parts[0].hasPrefix("output") || (isTied && parts[0] == "token_embd")
            }
            return sum + (isThere ? bytes : 0)
        }
    }

    @Test(arguments: [
        "shape-llama31-8b.gguf", "shape-qwen3-0.6b.gguf", "shape-gemma3-4b.gguf",
        "shape-qwen3-30b-a3b.gguf", "shape-gpt-oss-20b.gguf", "shape-deepseek-v2-lite.gguf",
        "shape-llama2-7b.gguf", "tiny-tiny-llama.gguf",
    ])
    func `any number of layers takes exactly its tensors to the device`(name: String) throws {
        let description = try fixtures.description(name)
        let header = try #require(fixtures.headers[name])
        let planner = MemoryPlanner(description)
        let device = Accelerator(domain: .gpu(0), bufferName: "RPC0")
        let context = ContextOptions(contextTokens: 512, outputs: 1)
        let layers = description.layerCount
        let all = header.tensors.reduce(Int64(0)) { $0 + (Int64($1.byteCount) + 31) / 32 * 32 }
        for offloaded in 0...(layers + 1) {
            let plan = try planner.plan(
                LoadOptions(
                    context: context,
                    gpuLayers: offloaded,
                    accelerators: [device],
                    cpu: [.avx2, .avx512],
                    loadMode: .copied
                )
            )
            let held = plan.buffers.first { $0.name == "RPC0" }
            let wanted = expected(header, layers: layers, offloaded: offloaded)
            #expect((held?.weights.bytes.rawValue ?? 0) == wanted, "\(offloaded) layers")
            let sum = plan.buffers.reduce(Int64(0)) { $0 + $1.weights.bytes.rawValue }
            #expect(sum >= all, "\(offloaded) layers: nothing is lost")
            // Keys and values follow their layers.
            let cached = plan.buffers.filter { $0.cache.bytes > .zero }.map(\.name)
            #expect(cached.contains("RPC0") == (offloaded > 1), "\(offloaded) layers")
        }
    }

    @Test func `two devices share the layers in proportion`() throws {
        let planner = MemoryPlanner(try fixtures.description("shape-llama31-8b.gguf"))
        let devices = [(0, 3.0), (1, 1.0)].map { index, share in
            Accelerator(domain: .gpu(index), bufferName: "RPC\(index)", share: share)
        }
        let plan = try planner.plan(
            LoadOptions(
                context: ContextOptions(contextTokens: 512, outputs: 1),
                gpuLayers: 33,
                accelerators: devices,
                loadMode: .copied
            )
        )
        func cache(_ index: Int) -> Int64 {
            plan.buffers.first { $0.domain == .gpu(index) }?.cache.bytes.rawValue ?? 0
        }
        // 33 parts, the output among them: three quarters are layers 0 to 24.
        #expect(cache(0) * 7 == cache(1) * 25)
    }
}
