import CorralMemory
import CorralSimulator
import Foundation
import Testing

@Suite(
    .serialized,
    .enabled(
        if: SharedWorkload.areAvailable,
        "workloads are not in CORRAL_SHARED or beside the checkout"
    )
)
struct ReferenceTests {
    @Test(arguments: recordings)
    func `least recently used agrees with the reference simulator to a thousandth`(
        name: String
    ) throws {
        let shared = try SharedWorkload(name)
        #expect(shared.reference.count == 9)
        for (configuration, expected) in shared.reference where Self.covers(configuration) {
            let results = try shared.replay(configuration, ["lru", "lru-ttl300"])
            for (result, key) in zip(results, ["lru", "lru_ttl300"]) {
                let seconds = try #require(expected[key])
                let deviation = abs(result.loadSeconds / seconds - 1)
                #expect(deviation < 0.001, "\(name) \(configuration) \(key)")
            }
        }
    }

    /// All four recordings in optimized builds, one in debug builds, where a replay takes minutes.
    private static var recordings: [String] {
        #if DEBUG
        ["local-1"]
        #else
        SharedWorkload.names
        #endif
    }

    /// Whether this build replays `configuration`, such as `linear/48GB`.
    private static func covers(_ configuration: String) -> Bool {
        #if DEBUG
        configuration.hasPrefix("linear/")
        #else
        true
        #endif
    }

    #if !DEBUG
    @Test func `value needs 0.81 of the load seconds of LRU and never much more`() throws {
        var (logarithms, limited, worst) = ([Double](), [Double](), 0.0)
        for name in Self.recordings {
            let shared = try SharedWorkload(name)
            for (configuration, expected) in shared.reference {
                let value = try shared.replay(configuration, ["value"])[0].loadSeconds
                let ratio = value / (try #require(expected["lru"]))
                logarithms.append(log(ratio))
                limited.append(log(value / (try #require(expected["lru_ttl300"]))))
                worst = max(worst, ratio)
            }
        }
        let mean = exp(logarithms.reduce(0, +) / Double(logarithms.count))
        let limitedMean = exp(limited.reduce(0, +) / Double(limited.count))
        #expect(mean <= 0.81)
        #expect(limitedMean <= 0.42)
        #expect(worst <= 1.02)
    }
    #endif
}
