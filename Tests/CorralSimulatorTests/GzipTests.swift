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
        #expect(throws: SimulationError.self) { try Gzip.unpacked(packed, limit: 50_000) }
    }
}
