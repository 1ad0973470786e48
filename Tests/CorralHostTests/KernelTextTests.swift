import CorralMemory
import Testing

@testable import CorralHost

@Suite struct KernelTextTests {
    private func text(_ text: String) -> KernelText { KernelText(Array(text.utf8)) }

    @Test func `a key is found only at the start of a line and whole`() {
        let stat = text("total_inactive_file 9\ninactive_file 7\nMemTotalX: 3\nMemTotal: 5 kB")
        #expect(stat.value(of: "inactive_file ") == ByteCount(7))
        #expect(stat.value(of: "MemTotal:") == ByteCount(5120))
        #expect(stat.value(of: "file ") == nil)
        #expect(stat.value(of: "missing ") == nil)
    }

    @Test(
        arguments: [
            ("42\n", Int64(42)), ("  42 kB", 43_008), ("42 MB", 42), ("0", 0),
            ("99999999999999999999", .max),
            ("9223372036854775807 kB", .max),
        ] as [(String, Int64)]
    )
    func `a number saturates and scales by its unit`(written: String, bytes: Int64) {
        #expect(text(written).number == ByteCount(bytes))
    }

    @Test(arguments: ["", "max\n", "-1", "\n5", "kB", " "])
    func `a text that starts with no number has none`(written: String) {
        #expect(text(written).number == nil)
    }

    @Test(
        arguments: [
            ("some avg10=12.34 avg60=0\nfull avg10=99\n", 0.1234),
            ("full avg10=9\nsome avg10=250\n", 1),
            ("some avg60=3 avg10=0.00", 0),
        ] as [(String, Double)]
    )
    func `pressure is the share in which some task waited`(written: String, share: Double) throws {
        let read = try #require(PressureStall.share(in: text(written)))
        #expect(abs(read - share) < 1e-12)
    }

    @Test(arguments: [
        "", "full avg10=1\n", "some avg10=-1", "some avg10=nan", "some avg10=x", "some",
    ])
    func `a text without pressure gives none`(written: String) {
        #expect(PressureStall.share(in: text(written)) == nil)
    }
}
