import CorralGGUF
import CorralMemory
import CorralTesting
import Testing

@testable import CorralPlanner

struct ProjectorPlanTests {
    private func plan(
        type: String = "gemma3",
        _ keys: [String: UInt32] = [:],
        tensor: [UInt64] = [64, 64]
    ) throws -> ProjectorPlan {
        var builder = GGUFBuilder()
        builder.set("general.architecture", "clip")
        builder.set("clip.projector_type", .string(type))
        let usual: [String: UInt32] = [
            "embedding_length": 1152, "feed_forward_length": 4304, "image_size": 896,
            "patch_size": 14,
        ]
        for (key, value) in usual.merging(keys, uniquingKeysWith: { _, new in new }).sorted(by: {
            $0.key < $1.key
        }) {
            builder.set("clip.vision.\(key)", .uint32(value))
        }
        builder.addTensor("v.patch_embd.weight", .f32, tensor)
        let file = builder.file()
        let header = try GGUFHeader(parsing: file.span, fileSize: UInt64(file.count))
        return ProjectorPlan(
            path: "mmproj.gguf",
            metadata: header.metadata,
            tensorBytes: header.tensors.reduce(0) { $0 + $1.byteCount }
        )
    }

    @Test func `weights are counted whole`() throws {
        let plan = try plan()
        #expect(plan.weights >= ByteCount(64 * 64 * 4))
        #expect(plan.total == plan.weights + plan.compute)
    }

    @Test func `a larger picture takes more, and a fixed size is what it says`() throws {
        let small = try plan(["image_size": 224])
        let large = try plan(["image_size": 896])
        #expect(small.compute < large.compute)
        // An encoder for any size is planned for pictures of the usual size at least.
        let dynamic = try plan(type: "qwen2vl_merger", ["image_size": 224])
        #expect(dynamic.compute > small.compute)
    }

    @Test(arguments: [
        ["image_size": UInt32.max, "patch_size": 1], ["patch_size": 0], ["embedding_length": 0],
        ["embedding_length": UInt32.max], ["feed_forward_length": UInt32.max],
    ])
    func `no header makes it trap or negative`(keys: [String: UInt32]) throws {
        let plan = try plan(type: "x", keys)
        #expect(plan.total > .zero)
    }
}
