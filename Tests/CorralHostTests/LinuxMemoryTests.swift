import CorralMemory
import Testing

@testable import CorralHost

@Suite struct LinuxMemoryTests {
    private func host(_ files: [String: String]) throws -> HostMemory.Domain {
        let memory = try Machines.memory(files).read()
        return try #require(memory.domains[.host])
    }

    @Test func `a machine without limits has what meminfo says`() throws {
        let memory = try Machines.memory(Machines.hybrid).read()
        #expect(memory.domains.keys.sorted() == [.host])
        #expect(memory.limits == .host(.kibibytes(24_684_084)))
        #expect(memory.available == .host(.kibibytes(23_101_788)))
        #expect(memory.pressure == 0)
    }

    @Test func `an old kernel's available memory is made of its parts`() throws {
        var files = Machines.hybrid
        files["/proc/meminfo"] = files["/proc/meminfo"]?.replacing("MemAvailable", with: "Mem")
        let available = try host(files).available
        #expect(available == .kibibytes(21_267_552 + 90_792 + 1_818_504 - 8_872 + 233_820))
    }

    @Test func `a container's file cache is not counted as used`() throws {
        let domain = try host(Machines.container)
        #expect(domain.limit == .gibibytes(32))
        let unreclaimable: Int64 = 27_584_430_080 - 26_000_000_000 - 875_000_000 - 100_000_000
        #expect(domain.available == .gibibytes(32) - ByteCount(unreclaimable))
    }

    @Test func `a container cannot have more than its machine has free`() throws {
        var files = Machines.container
        files["/proc/meminfo"] = "MemTotal: 65780000 kB\nMemAvailable: 1000 kB\n"
        #expect(try host(files).available == .kibibytes(1000))
        files["/proc/meminfo"] = "MemTotal: 2000 kB\nMemAvailable: 1000 kB\n"
        #expect(try host(files).limit == .kibibytes(2000))
    }

    @Test func `pressure is the larger of the machine's and the group's`() throws {
        var files = Machines.container
        #expect(try Machines.memory(files).read().pressure == 0.125)
        files["/sys/fs/cgroup/memory.pressure"] = nil
        #expect(try Machines.memory(files).read().pressure == 0.0125)
        files["/proc/pressure/memory"] = nil
        #expect(try Machines.memory(files).read().pressure == nil)
    }

    @Test func `every ancestor limits, and the high mark limits like the maximum`() throws {
        let domain = try host(Machines.session)
        #expect(domain.limit == ByteCount(6_000_000_000))
        // The slice above leaves 8.0 − (7.0 − 1.5) GB, the service itself 6.0 − 1.0.
        #expect(domain.available == ByteCount(2_500_000_000))
    }

    @Test func `a limit that the container cannot see counts in version 1`() throws {
        let domain = try host(Machines.legacyContainer)
        #expect(domain.limit == ByteCount(4_294_967_296))
        #expect(domain.available == ByteCount(4_294_967_296 - 1_000_000_000))
    }

    @Test func `a group over its limit has nothing available`() throws {
        var files = Machines.container
        files["/sys/fs/cgroup/memory.stat"] = "anon 1\n"
        files["/sys/fs/cgroup/memory.current"] = "99999999999\n"
        #expect(try host(files).available == .zero)
    }

    @Test func `a group that hides its use still limits`() throws {
        var files = Machines.container
        files["/sys/fs/cgroup/memory.current"] = nil
        let domain = try host(files)
        #expect(domain.limit == .gibibytes(32))
        #expect(domain.available == .gibibytes(32))
    }

    @Test func `a machine without meminfo gives an error that names the file`() throws {
        let missing = try #require(throws: HostError.self) { try Machines.memory([:]).read() }
        #expect(missing.code == .unreadable)
        #expect(missing.description.contains("/proc/meminfo cannot be read"))
        let wrong = try #require(throws: HostError.self) {
            try Machines.memory(["/proc/meminfo": "MemTotal: none"]).read()
        }
        #expect(wrong.code == .unrecognized)
    }

    @Test func `group paths end at the mount whether or not they lie below it`() {
        func folders(_ root: String, _ point: String, _ group: String) -> [String] {
            let info = KernelText(Array("9 8 0:1 \(root) \(point) rw - cgroup2 none rw\n".utf8))
            let membership = KernelText(Array("0::\(group)\n".utf8))
            return ControlGroupMounts(mountInfo: info).folders(membership: membership).map(\.path)
        }
        #expect(folders("/", "/cg", "/a/b") == ["/cg/a/b", "/cg/a", "/cg"])
        #expect(folders("/", "/cg", "/a:b") == ["/cg/a:b", "/cg"])
        #expect(folders("/a", "/cg", "/a/b") == ["/cg/b", "/cg"])
        #expect(folders("/a", "/cg", "/ab/c") == ["/cg"])
        #expect(folders("/", "/cg", "/../other") == ["/cg"])
        #expect(folders("/", "/my\\040cg", "/a") == ["/my cg/a", "/my cg"])
    }

    @Test func `a machine is described for people`() throws {
        var files = Machines.container
        files["/proc/cpuinfo"] = """
            processor\t: 0
            model name\t: AMD Ryzen 9
            physical id\t: 0
            core id\t\t: 0
            flags\t\t: fpu avx avx2 fma f16c avx512f avx512_vnni
            processor\t: 1
            physical id\t: 0
            core id\t\t: 0
            flags\t\t: fpu
            """
        let description = try HostDescription(.linux(LinuxSource(files: FileTree(files))))
        #expect(description.processor == "AMD Ryzen 9")
        #expect(description.logicalCores == 2)
        #expect(description.physicalCores == 1)
        #expect(description.features == [.avx2, .fma, .f16c, .avx512, .avx512VNNI])
        #expect(description.groupLimit == .gibibytes(32))
        #expect(description.swap == .kibibytes(8_388_604))
        #expect(description.swapFree == .kibibytes(8_000_000))
        files["/proc/cpuinfo"] = "processor\t: 0\nFeatures\t: fp asimd asimddp i8mm bf16 sve\n"
        let arm = try HostDescription(.linux(LinuxSource(files: FileTree(files))))
        #expect(arm.features == [.neon, .dotProduct, .int8MatrixMultiply, .bf16, .sve])
        #expect(arm.physicalCores == nil)
    }
}
