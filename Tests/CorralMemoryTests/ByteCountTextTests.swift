import CorralMemory
import Testing

@Suite struct ByteCountTextTests {
    @Test(
        arguments: [
            (Int64(0), "0 B"), (1, "1 B"), (999, "999 B"), (1023, "1.00 KiB"), (1536, "1.50 KiB"),
            (10_240, "10.0 KiB"), (102_400, "100 KiB"), (1_048_576, "1.00 MiB"),
            (1_610_612_736, "1.50 GiB"), (-1536, "-1.50 KiB"), (.max, "8.00 EiB"),
            (.min, "-8.00 EiB"),
            (25_276_502_016, "23.5 GiB"), (1_047_527_424, "999 MiB"), (1_048_051_712, "0.98 GiB"),
        ] as [(Int64, String)]
    )
    func `a count reads with three digits and a binary unit`(bytes: Int64, text: String) {
        #expect(ByteCount(bytes).description == text)
    }

    @Test(
        arguments: [
            ("12GiB", Int64(12 << 30)), ("12 GB", 12_000_000_000), ("512M", 512 << 20),
            ("1.5g", 3 << 29), ("4096", 4096), ("0", 0), (" 7 kib ", 7168), ("2TiB", 2 << 40),
            ("3tb", 3_000_000_000_000), ("10B", 10), (".5k", 512),
            ("9007199254740993", (1 << 53) + 1),
            ("9223372036854775807", .max),
        ] as [(String, Int64)]
    )
    func `a size is read as people write it`(text: String, bytes: Int64) {
        #expect(ByteCount(parsing: text) == ByteCount(bytes))
    }

    @Test(arguments: [
        "", " ", "GiB", "-1", "+1", "1 2GiB", "1.2.3", "1e9", "0x10", "12GiBs", "twelve", "nan",
        "inf",
        "9223372036854775808", "8388608TiB", "99999999999999999999999999G", "１２", "12 Ω",
    ])
    func `a text that is no size is refused`(text: String) {
        #expect(ByteCount(parsing: text) == nil)
    }

    @Test func `what a count prints is read back within its rounding`() throws {
        let seed: UInt64 = 7
        var random = SeededRandom(seed: seed)
        for _ in 0..<5_000 {
            let bytes = Int64.random(
                in: 0...(1 << Int64.random(in: 1...42, using: &random)),
                using: &random
            )
            let text = ByteCount(bytes).description
            let read = try #require(ByteCount(parsing: text), "\(text), seed \(seed)")
            let error = Double((read - ByteCount(bytes)).rawValue.magnitude)
            #expect(error <= max(0.0052 * Double(bytes), 0.6), "\(bytes) as \(text), seed \(seed)")
        }
    }
}
