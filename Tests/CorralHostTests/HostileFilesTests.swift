import CorralMemory
import Synchronization
import Testing

@testable import CorralHost

/// Files are mutated at random; whatever they say, a reading must be within bounds or
/// an error, and never trap.
@Suite struct HostileFilesTests {
    private static let machines = [
        Machines.hybrid, Machines.container, Machines.session, Machines.legacyContainer,
        Machines.amd,
    ]

    private static func mutated(_ text: String, _ random: inout SeededRandom) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let at = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes.removeSubrange(at...)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
            case 2: bytes.insert(contentsOf: Array("99999999999999999999".utf8), at: at)
            case 3: bytes.insert(contentsOf: bytes.prefix(at), at: at)
            case 4 where at < bytes.count: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            default:
                bytes.insert(
                    contentsOf: Array(" :/-\\,\n\t%".utf8.shuffled(using: &random)),
                    at: at
                )
            }
        }
        return bytes
    }

    private static func tree(_ files: [String: String], _ random: inout SeededRandom) -> FileTree {
        var hostile: [String: [UInt8]] = [:]
        for path in files.keys.sorted() {
            let text = files[path] ?? ""
            hostile[path] = Bool.random(using: &random) ? mutated(text, &random) : Array(text.utf8)
        }
        let names = FileTree(files).names
        return FileTree(read: { [hostile] in hostile[$0] }, names: names)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `a mutated machine is read within bounds or refused`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var readings = 0
        for round in 0..<500 {
            var files = Self.machines[round % Self.machines.count]
            files["/proc/cpuinfo"] =
                "processor\t: 0\nphysical id\t: 0\ncore id\t: 1\nflags\t: avx2\n"
            let source = LinuxSource(files: Self.tree(files, &random))
            do {
                let memory = try SystemMemory(.linux(source)).read()
                readings += 1
                for domain in memory.domains.values {
                    #expect(domain.available >= .zero, "seed \(seed), round \(round)")
                    #expect(domain.available <= domain.limit, "seed \(seed), round \(round)")
                }
                #expect((0...1).contains(memory.pressure ?? 0), "seed \(seed), round \(round)")
                _ = try HostDescription(.linux(source))
            } catch {
                #expect([.unreadable, .unrecognized].contains(error.code), "seed \(seed)")
            }
        }
        #expect(readings > 100, "seed \(seed)")
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a mutated answer of nvidia-smi gives devices within bounds`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let answer = "0, GPU-a, 24564, 20000, NVIDIA A\n1, GPU-b, [N/A], [N/A], NVIDIA B\n"
        var found = 0
        for _ in 0..<2_000 {
            for device in NvidiaSMI.gpus(in: Self.mutated(answer, &random)) {
                found += 1
                guard case .dedicated(let domain) = device.memory else { continue }
                #expect(
                    domain.available >= .zero && domain.available <= domain.limit,
                    "seed \(seed)"
                )
            }
            let list = String(decoding: Self.mutated("0,GPU-a,1", &random), as: UTF8.self)
            let devices = NvidiaSMI.gpus(in: Array(answer.utf8))
            #expect(DeviceVisibility.selected(devices, by: list).count <= 2, "seed \(seed)")
        }
        #expect(found > 1_000, "seed \(seed)")
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `random bytes in place of every file are read without a trap`(seed: UInt64) {
        let random = Mutex(SeededRandom(seed: seed))
        let files = FileTree(
            read: { _ in
                random.withLock { random in
                    (0..<Int.random(in: 0..<300, using: &random)).map { _ in
                        .random(in: 0...255, using: &random)
                    }
                }
            },
            names: { _ in ["card0", "card65535", "card99999", "card-1", "card"] }
        )
        for _ in 0..<300 {
            let source = HostSource.linux(LinuxSource(files: files))
            #expect(throws: HostError.self) { try SystemMemory(source).read() }
            _ = try? ProcessMemory.read(pid: 1, from: source, proportional: true)
        }
    }
}
