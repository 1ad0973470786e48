import CorralSimulator
import Foundation
import Testing

@Suite struct GzipTests {
    /// Packs with the system's gzip.
    private func pack(_ bytes: [UInt8], level: String) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-c", level]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // Less than a pipe holds, so nobody has to read meanwhile.
        input.fileHandleForWriting.write(Data(bytes))
        try input.fileHandleForWriting.close()
        let packed = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return [UInt8](packed)
    }

    @Test(arguments: GzipFixtures.files)
    func `a file that another program made is unpacked`(what: String, base64: String) throws {
        let packed = [UInt8](try #require(Data(base64Encoded: base64)))
        #expect(try Gzip.unpacked(packed) == GzipFixtures.text, "\(what)")
        for count in 0..<packed.count where !packed[count...].allSatisfy({ $0 == 0 }) {
            // A cut between two members leaves the first, whole.
            guard let unpacked = try? Gzip.unpacked(Array(packed[..<count])) else { continue }
            #expect(what.contains("two members"), "\(what) cut at \(count)")
            #expect(GzipFixtures.text.starts(with: unpacked) && unpacked.count == 100)
        }
    }

    private static let texts: [[UInt8]] = [
        [],
        Array("corral".utf8),
        Array(String(repeating: "0.72,0,32.00\n", count: 3000).utf8),
        (0..<20_000).map { UInt8(truncatingIfNeeded: ($0 &* $0 &* 31) >> 7) },
    ]

    @Test(arguments: texts, ["-1", "-9"])
    func `what gzip packed is unpacked as it was`(text: [UInt8], level: String) throws {
        let packed = try pack(text, level: level)
        #expect(Gzip.isCompressed(packed))
        #expect(try Gzip.unpacked(packed) == text)
        #expect(try Gzip.unpacked(packed + packed) == text + text)
    }

    @Test(arguments: texts)
    func `what is packed here gzip unpacks as it was, and so does this`(text: [UInt8]) throws {
        let packed = try Gzip.packed(text)
        #expect(try Gzip.unpacked(packed) == text)
        let file = FileManager.default.temporaryDirectory.appending(
            path: "corral-\(UUID().uuidString).gz"
        )
        try Data(packed).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", file.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let unpacked = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect([UInt8](unpacked) == text)
    }

    @Test func `every length and distance of a repetition is packed so that it comes back`() throws
    {
        var generator = SplitMix(state: 7)
        for length in Array(3...40) + [64, 65, 66, 130, 131, 226, 227, 257, 258, 259, 600] {
            for distance in [0, 1, 5, 100, 700, 5000, 24_000, 32_700, 40_000] {
                let piece = (0..<length).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
                let between = (0..<distance).map { _ in
                    UInt8(truncatingIfNeeded: generator.next())
                }
                let bytes = piece + between + piece
                #expect(try Gzip.unpacked(Gzip.packed(bytes)) == bytes, "\(length) \(distance)")
            }
        }
        let table = Self.texts[2]
        let packed = try Gzip.packed(table)
        #expect(packed.count * 20 < table.count)
    }

    @Test func `every damaged byte and every cut is an error or changes nothing`() throws {
        let text = Array("time_s,model,service_s\n0.72,0,32.00\n0.73,1,32.00\n".utf8)
        let packed = try pack(text, level: "-9")
        for index in packed.indices {
            var damaged = packed
            damaged[index] ^= 0x55
            if let unpacked = try? Gzip.unpacked(damaged) { #expect(unpacked == text, "\(index)") }
            #expect(throws: SimulationError.self) { try Gzip.unpacked(Array(packed[..<index])) }
        }
    }

    @Test func `a file made to fill memory is refused at the limit`() throws {
        let packed = try pack([UInt8](repeating: 0, count: 60_000), level: "-9")
        let error = #expect(throws: SimulationError.self) {
            try Gzip.unpacked(packed, limit: 50_000)
        }
        #expect(error?.code == .tooLarge && error?.message.contains("50000 bytes") == true)
        #expect(try Gzip.unpacked(packed, limit: 60_000).count == 60_000)
    }

    @Test func `a small file that unpacks to more than memory should hold is refused early`()
        throws
    {
        // Ten members of 8 MiB of zeros, 80 kilobytes in all.
        let member = try Gzip.packed([UInt8](repeating: 0, count: 8 << 20))
        let packed = Array(repeatElement(member, count: 10).joined())
        #expect(packed.count < 100_000)
        #expect(throws: SimulationError.self) { try Gzip.unpacked(packed, limit: 20 << 20) }
    }

    @Test func `bytes that are no gzip file are refused`() {
        for bytes in [[], [0x1F], [0x1F, 0x8B], Array("time_s,model".utf8)] as [[UInt8]] {
            #expect(throws: SimulationError.self, "\(bytes)") { try Gzip.unpacked(bytes) }
        }
        #expect(!Gzip.isCompressed([]) && !Gzip.isCompressed([0x1F]))
    }
}

/// Numbers without pattern, the same each time (Steele, Lea and Flood 2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
