import CorralMemory
import Testing

@testable import CorralHost

@Suite struct GPUTests {
    private let answer = """
        1, GPU-bbbb-2222, 24564, 20000, NVIDIA GeForce RTX 4090
        0, GPU-aaaa-1111, 8192, 9000, NVIDIA GeForce RTX 3070, Laptop
        2, GPU-cccc-3333, [N/A], [N/A], NVIDIA GB10
        3, GPU-dddd-4444, [Unknown Error], [Unknown Error], NVIDIA T4

        """

    private var devices: [GPU] { NvidiaSMI.gpus(in: Array(answer.utf8)) }

    @Test func `an answer is read in the order of its indices`() {
        #expect(
            devices.map(\.identifier) == [
                "GPU-aaaa-1111", "GPU-bbbb-2222", "GPU-cccc-3333", "GPU-dddd-4444",
            ]
        )
        #expect(devices[0].name == "NVIDIA GeForce RTX 3070, Laptop")
        #expect(
            devices[0].memory == .dedicated(.init(limit: .gibibytes(8), available: .gibibytes(8)))
        )
        #expect(
            devices[1].memory
                == .dedicated(.init(limit: .mebibytes(24_564), available: .mebibytes(20_000)))
        )
        #expect(devices[2].memory == .host)
        #expect(devices[3].memory == .unknown)
    }

    @Test(arguments: [
        "", "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n",
        "No devices were found\n", "0, 1, 2\n", "-1, GPU-a, 1, 1, x\n",
    ])
    func `an error message names no device`(output: String) {
        #expect(NvidiaSMI.gpus(in: Array(output.utf8)).isEmpty)
    }

    @Test(
        arguments: [
            (nil, [0, 1, 2, 3]), ("", []), ("-1", []), ("1,0", [1, 0]), (" 2 , 1 ", [2, 1]),
            ("GPU-bbbb", [1]),
            ("gpu-cccc-3333,0", [2, 0]), ("0,9,1", [0]), ("0,0", [0]), ("GPU-", []),
            ("1,MIG-1,0", [1]),
            ("NoDevFiles", []),
        ] as [(String?, [Int])]
    )
    func `visible devices are those that CUDA would show`(list: String?, indices: [Int]) {
        #expect(DeviceVisibility.selected(devices, by: list) == indices.map { devices[$0] })
    }

    @Test func `a domain's index is the device's place among the visible ones`() throws {
        let devices = devices
        var source = LinuxSource(files: FileTree(Machines.container), nvidia: { devices })
        #expect(
            try SystemMemory(.linux(source)).read().domains.keys.sorted() == [
                .host, .gpu(0), .gpu(1),
            ]
        )
        source.visible = DeviceVisibility(cuda: "2,1")
        let memory = try SystemMemory(.linux(source)).read()
        #expect(memory.domains.keys.sorted() == [.host, .gpu(1)])
        #expect(memory.available[.gpu(1)] == .mebibytes(20_000))
    }

    @Test func `an AMD card is a domain and a small carve-out is the host's`() throws {
        let reader = Machines.memory(Machines.amd)
        #expect(reader.gpus().map(\.identifier) == ["card2", "card10"])
        #expect(reader.gpus().map(\.name) == ["AMD GPU 0x164e", "Radeon RX 7800 XT"])
        #expect(reader.gpus()[0].memory == .host)
        let memory = try reader.read()
        #expect(memory.domains.keys.sorted() == [.host, .gpu(1)])
        #expect(memory.limits[.gpu(1)] == ByteCount(17_163_091_968))
        #expect(memory.available[.gpu(1)] == ByteCount(17_000_000_000))
    }

    @Test(
        arguments: [
            (UInt8(2), 512, 16_384, true), (3, 512, 16_384, true), (3, 98_304, 16_384, false),
            (2, 4096, 8192, true),
            (1, 8192, 32_768, false), (1, 512, 32_768, false), (0, 512, 16_384, true),
            (0, 2048, 16_384, false),
        ] as [(UInt8, Int64, Int64, Bool)]
    )
    func `an APU shares the host's memory unless its carve-out is the larger`(
        revision: UInt8,
        carveOut: Int64,
        mappable: Int64,
        isHost: Bool
    ) throws {
        let folder = "/sys/class/drm/card1/device"
        let metrics = String(decoding: [120, 0, revision, 0], as: UTF8.self)
        let reader = Machines.memory([
            "\(folder)/vendor": "0x1002\n", "\(folder)/gpu_metrics": metrics,
            "\(folder)/mem_info_vram_total": "\(carveOut << 20)\n",
            "\(folder)/mem_info_vram_used": "1048576\n",
            "\(folder)/mem_info_gtt_total": "\(mappable << 20)\n",
        ])
        let memory = try #require(reader.gpus().first?.memory)
        let own = HostMemory.Domain(
            limit: .mebibytes(carveOut),
            available: .mebibytes(carveOut - 1)
        )
        #expect(memory == (isHost ? .host : .dedicated(own)))
    }

    @Test func `Intel's integrated GPU uses the host's memory and its card is not known`() {
        let files = [
            "/sys/class/drm/card0/device/vendor": "0x8086\n",
            "/sys/class/drm/card1/device/vendor": "0x8086\n",
            "/sys/class/drm/card0/device/uevent": "DRIVER=i915\nPCI_SLOT_NAME=0000:00:02.0\n",
            "/sys/class/drm/card1/device/uevent": "DRIVER=xe\nPCI_SLOT_NAME=0000:03:00.0\n",
            "/sys/class/drm/card2/device/vendor": "0x1234\n",
        ]
        #expect(Machines.memory(files).gpus().map(\.memory) == [.host, .unknown])
    }
}
