import CorralMemory
import CorralPlanner
import Testing

struct LoadTimesTests {
    private func seconds(_ times: LoadTimes, _ bytes: ByteCount) -> Double {
        times.expected(bytes) / .seconds(1)
    }

    @Test func `before any load the priors speak`() {
        #expect(abs(seconds(LoadTimes(), .zero) - 0.3) < 1e-9)
        #expect(abs(seconds(LoadTimes(), ByteCount(2_000_000_000)) - 2.3) < 1e-9)
    }

    @Test func `repeated loads are learnt`() {
        var times = LoadTimes()
        for _ in 0..<40 { times.record(.gibibytes(4), took: .seconds(20)) }
        #expect(abs(seconds(times, .gibibytes(4)) - 20) < 0.5)
        for _ in 0..<40 { times.record(.mebibytes(20), took: .milliseconds(800)) }
        #expect(abs(seconds(times, .mebibytes(20)) - 0.8) < 0.05)
        #expect(abs(seconds(times, .gibibytes(4)) - 20.5) < 1, "the rest stays")
    }

    @Test func `one load from a cold disk does not outweigh many from a warm one`() {
        var times = LoadTimes()
        for _ in 0..<20 { times.record(.gibibytes(4), took: .seconds(2)) }
        times.record(.gibibytes(4), took: .seconds(80))
        #expect(seconds(times, .gibibytes(4)) < 8)
    }

    @Test func `times that make no sense leave estimates finite and positive`() {
        var times = LoadTimes()
        for (bytes, duration) in [
            (ByteCount.zero, Duration.zero), (.max, .zero), (ByteCount(-5), .seconds(-1)),
            (.gibibytes(4), .milliseconds(1)), (.zero, .seconds(1_000_000)),
        ] {
            times.record(bytes, took: duration)
            let expected = seconds(times, .gibibytes(1))
            #expect(expected.isFinite && expected > 0)
        }
    }
}
