import CorralCache
import CorralMemory
import Foundation
import Testing

@Suite struct PolicyMemoryTests {
    private static let gigabyte = ByteCount(1_000_000_000)
    private static let model = PolicyScene.model("m")

    private static func load(
        _ seconds: Double,
        gigabytes: Int64 = 10,
        isCached: Bool = false,
        storage: String = ""
    ) -> LoadObservation {
        LoadObservation(
            bytes: gigabyte * gigabytes,
            seconds: seconds,
            isCached: isCached,
            storage: storage
        )
    }

    private static func isNear(_ value: Double, _ expected: Double) -> Bool {
        abs(value - expected) < 0.001 * expected
    }

    @Test func `a load from the page cache says nothing of one from the disk`() {
        var costs = LoadCosts()
        costs.observe(Self.load(20), of: Self.model)
        costs.observe(Self.load(2, isCached: true), of: Self.model)
        let bytes = Self.gigabyte * 10
        #expect(Self.isNear(costs.seconds(of: Self.model, bytes: bytes), 20))
        #expect(Self.isNear(costs.seconds(of: Self.model, bytes: bytes, isCached: true), 2))
    }

    @Test func `a model that was never loaded is judged by what is on the same disk`() {
        var costs = LoadCosts()
        costs.observe(Self.load(40.8, storage: "/slow"), of: PolicyScene.model("s"))
        costs.observe(Self.load(2.8, storage: "/fast"), of: PolicyScene.model("f"))
        let bytes = Self.gigabyte * 5
        let slow = costs.seconds(of: Self.model, bytes: bytes, storage: "/slow")
        let fast = costs.seconds(of: Self.model, bytes: bytes, storage: "/fast")
        #expect(Self.isNear(slow, 20.8))
        #expect(Self.isNear(fast, 1.8))
        let elsewhere = costs.seconds(of: Self.model, bytes: bytes, storage: "/new")
        #expect(elsewhere > fast && elsewhere < slow)
    }

    @Test func `what a small model takes to load says nothing of a large one`() {
        var costs = LoadCosts()
        let small = LoadObservation(bytes: .mebibytes(100), seconds: 8)
        costs.observe(small, of: PolicyScene.model("s"))
        #expect(Self.isNear(costs.seconds(of: PolicyScene.model("s"), bytes: .zero), 8))
        #expect(Self.isNear(costs.seconds(of: Self.model, bytes: Self.gigabyte * 10), 4.8))
    }

    @Test func `a machine that loaded nothing yet is taken to have an NVMe disk`() {
        let costs = LoadCosts()
        #expect(Self.isNear(costs.seconds(of: Self.model, bytes: Self.gigabyte * 10), 4.8))
        #expect(!costs.isObserved(Self.model, isCached: false))
    }

    @Test func `one slow load does not outweigh many, and a new disk is noticed in five`() {
        var costs = LoadCosts()
        for _ in 0..<10 { costs.observe(Self.load(4), of: Self.model) }
        costs.observe(Self.load(400), of: Self.model)
        let bytes = Self.gigabyte * 10
        #expect(costs.seconds(of: Self.model, bytes: bytes) < 30)
        for _ in 0..<5 { costs.observe(Self.load(4), of: Self.model) }
        #expect(costs.seconds(of: Self.model, bytes: bytes) < 5)
    }

    @Test func `a load of no time or of infinite time teaches nothing`() {
        var costs = LoadCosts()
        for seconds in [0, -1, .infinity, .nan] {
            costs.observe(Self.load(seconds), of: Self.model)
        }
        #expect(costs == LoadCosts())
    }

    /// Uses thirty models in turn, at different rates.
    private static func trained() -> PolicyScene {
        var scene = PolicyScene()
        scene.limit = .host(gigabyte * 100)
        scene.policy.budgetSet(to: scene.limit)
        for number in 0..<30 {
            let period = Double(100 + 37 * number)
            scene.add(
                "model-\(number)",
                .host(gigabyte * Int64(1 + number % 7)),
                Double(1 + number % 5),
                Array(stride(from: period, to: 40_000, by: period))
            )
        }
        return scene
    }

    @Test func `a policy restored after an hour chooses as one that went on`() throws {
        var scene = Self.trained()
        let incoming = Footprint.host(Self.gigabyte * 20)
        let later = scene.victims(for: incoming, at: 43_700)
        let snapshot = try #require(scene.policy.snapshot(at: PolicyScene.instant(40_100)))
        let data = try JSONEncoder().encode(snapshot)
        let decoded = try JSONDecoder().decode(PolicySnapshot.self, from: data)
        var restored = ValueDensity()
        restored.budgetSet(to: scene.limit)
        restored.restore(decoded, at: PolicyScene.instant(5), elapsed: .seconds(3600))
        scene.policy = restored
        for index in scene.candidates.indices { scene.candidates[index].lastUsed = .start }
        let chosen = scene.victims(for: incoming, at: 5)
        #expect(later.count > 1)
        #expect(chosen.map(\.model) == later.map(\.model))
        #expect(chosen.map(\.reason.reloadSeconds) == later.map(\.reason.reloadSeconds))
    }

    @Test func `a snapshot takes about a kilobyte for each model`() throws {
        let snapshot = try #require(
            Self.trained().policy.snapshot(at: PolicyScene.instant(40_000))
        )
        let bytes = try JSONEncoder().encode(snapshot).count
        #expect(bytes < 30 * 1200 + 8000, "\(bytes) bytes")
    }

    @Test func `a damaged snapshot is not decoded`() throws {
        let snapshot = try #require(Self.trained().policy.snapshot(at: .start))
        let text = String(decoding: try JSONEncoder().encode(snapshot), as: UTF8.self)
        let damaged = text.replacing("\"pooledGaps\":[", with: "\"pooledGaps\":[-1,")
        #expect(damaged != text)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(PolicySnapshot.self, from: Data(damaged.utf8))
        }
    }

    @Test func `a policy that learns nothing has nothing to save`() {
        #expect(LeastRecentlyUsed().snapshot(at: .start) == nil)
    }
}
