import CorralCache
import CorralHost
import CorralLlamaServer
import CorralMemory
import CorralPlanner
import DaemonFixtures
import Testing

@testable import CorralDaemon

@Suite struct MachineTests {
    private func gpu(_ vendor: GPU.Vendor, _ memory: GPU.Memory) -> GPU {
        GPU(vendor: vendor, name: "card", identifier: "0", memory: memory)
    }

    private func dedicated(_ available: ByteCount) -> GPU.Memory {
        .dedicated(HostMemory.Domain(limit: .gibibytes(24), available: available))
    }

    @Test func `cards of one kind are numbered from zero, domains through all`() {
        let devices = Machine.accelerators([
            gpu(.nvidia, dedicated(.gibibytes(8))), gpu(.nvidia, dedicated(.gibibytes(2))),
            gpu(.amd, dedicated(.gibibytes(4))),
        ])
        #expect(devices.map(\.bufferName) == ["CUDA0", "CUDA1", "ROCm0"])
        #expect(devices.map(\.domain) == [.gpu(0), .gpu(1), .gpu(2)])
        // ROCm is CUDA's code.
        #expect(devices.allSatisfy { $0.backend == .cuda })
        #expect(devices[0].share == 4 * devices[1].share)
    }

    @Test func `a card that shares the machine's memory has no domain of its own`() {
        let devices = Machine.accelerators([gpu(.apple, .host)])
        #expect(devices.map(\.bufferName) == ["Metal"])
        #expect(devices.map(\.domain) == [.host])
        #expect(devices.map(\.backend) == [.metal])
    }

    @Test func `a card whose memory is not told is not used, and keeps its domain's number`() {
        let devices = Machine.accelerators([
            gpu(.nvidia, .unknown), gpu(.intel, .host), gpu(.nvidia, dedicated(.gibibytes(1))),
        ])
        #expect(devices.map(\.bufferName) == ["CUDA0"])
        #expect(devices.map(\.domain) == [.gpu(2)])
    }

    @Test func `a card without free memory still has a share`() {
        let devices = Machine.accelerators([gpu(.nvidia, dedicated(.zero))])
        #expect(devices.first?.share == 1)
    }

    @Test func `only features that weights are repacked for count`() {
        #expect(CPUFeatures([.avx2, .fma, .f16c, .avx512, .sve]) == [.avx2, .avx512])
        #expect(
            CPUFeatures([.neon, .dotProduct, .int8MatrixMultiply, .bf16])
                == [.neon, .dotProduct, .int8MatrixMultiply]
        )
        #expect(CPUFeatures([ProcessorFeature]()).isEmpty)
    }

    @Test func `this machine can be read, and its files are named and looked up`() throws {
        let machine = try Machine(UserEnvironment(variables: [:]))
        let memory = try machine.read()
        #expect(memory.limits[.host] > .mebibytes(64))
        #expect(machine.threads >= 1)
        let folder = try ModelFolder()
        let path = try folder.addModel("Tiny-F32.gguf")
        let storage = machine.files.storage([path])
        #expect(!storage.name.isEmpty)
        if let share = storage.cachedShare { #expect((0...1).contains(share)) }
        #expect(machine.files.readAhead(path) { false })
        #expect(!machine.files.readAhead(path + ".not") { false })
    }
}
