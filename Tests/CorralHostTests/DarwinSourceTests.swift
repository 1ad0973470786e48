import CorralMemory
import Testing

@testable import CorralHost

@Suite struct DarwinSourceTests {
    private func source(
        gibibytes: Int64,
        wired: Int64 = 0,
        workingSet: ByteCount? = nil
    ) -> DarwinSource {
        let pages = DarwinPages(
            size: 16_384,
            wired: 100_000,
            compressor: 50_000,
            anonymous: 200_000,
            purgeable: 20_000
        )
        return DarwinSource(
            integer: { name in
                switch name {
                case "hw.memsize": gibibytes << 30
                case "iogpu.wired_limit_mb": wired
                case "hw.optional.arm.FEAT_I8MM", "hw.optional.AdvSIMD": 1
                case "hw.logicalcpu", "hw.physicalcpu": 10
                default: nil
                }
            },
            text: { $0 == "machdep.cpu.brand_string" ? "Apple M4" : nil },
            pages: { pages },
            graphics: { workingSet.map { ("Apple M4", $0) } },
            process: {
                $0 == 7 ? ProcessMemory(exclusive: ByteCount(5), fileBacked: ByteCount(6)) : nil
            }
        )
    }

    @Test func `unified memory is one domain in which file cache is available`() throws {
        let reader = SystemMemory(.darwin(source(gibibytes: 16, workingSet: .gibibytes(12))))
        let memory = try reader.read()
        let used = ByteCount((100_000 + 50_000 + 180_000) * 16_384)
        #expect(
            memory.domains == [
                .host: .init(
                    limit: .gibibytes(16),
                    available: .gibibytes(16) - used,
                    usable: .gibibytes(12)
                )
            ]
        )
        #expect(memory.pressure == nil)
        #expect(reader.gpus().map(\.memory) == [.host])
    }

    @Test(
        arguments: [
            (Int64(16), Int64(14_336), ByteCount.gibibytes(12), ByteCount.gibibytes(14)),
            (16, 99_999_999, nil, .gibibytes(16)), (16, 0, .gibibytes(11), .gibibytes(11)),
            (36, 0, nil, .gibibytes(24)), (64, 0, nil, .gibibytes(48)),
        ] as [(Int64, Int64, ByteCount?, ByteCount)]
    )
    func `an administrator's limit counts before Metal's and Metal's before the rule`(
        gibibytes: Int64,
        wired: Int64,
        workingSet: ByteCount?,
        usable: ByteCount
    ) throws {
        let source = source(gibibytes: gibibytes, wired: wired, workingSet: workingSet)
        #expect(try source.host().usable == usable)
    }

    @Test func `a Mac that does not answer gives an error that names the call`() throws {
        let silent = DarwinSource(integer: { _ in nil }, pages: { nil })
        let error = try #require(throws: HostError.self) {
            try SystemMemory(.darwin(silent)).read()
        }
        #expect(error.description.contains("hw.memsize"))
    }

    @Test func `hostile page counts never trap`() {
        for extreme in [Int64.min, -1, 0, 1, .max] {
            let pages = DarwinPages(
                size: extreme,
                wired: extreme,
                compressor: extreme,
                anonymous: extreme,
                purgeable: -1
            )
            let available = pages.available(of: .gibibytes(8))
            #expect(available >= .zero && available <= .gibibytes(8))
        }
    }

    @Test func `a Mac is described and its processes are read`() throws {
        let source = HostSource.darwin(source(gibibytes: 16, workingSet: .gibibytes(12)))
        let description = try HostDescription(source)
        #expect(description.processor == "Apple M4")
        #expect(description.features == [.neon, .int8MatrixMultiply])
        #expect(description.logicalCores == 10)
        #expect(description.swap == nil)
        #expect(try ProcessMemory.read(pid: 7, from: source).exclusive == ByteCount(5))
        let error = try #require(throws: HostError.self) {
            try ProcessMemory.read(pid: 8, from: source)
        }
        #expect(error.code == .noSuchProcess)
    }
}
