import CorralCache
import CorralMemory
import CorralSimulator
import Foundation
import SharedFixtures
import Testing

/// The shared recordings, and what the reference simulator made of them.
struct SharedWorkload: Sendable {
    let name: String
    let workload: Workload
    /// Load seconds by cost and budget, such as `linear/48GB`, then by policy.
    let reference: [String: [String: Double]]

    static let names = ["gentd26-1", "gentd26-2", "local-1", "local-2"]

    /// False where the recordings are absent, which only outside CI is no failure.
    static var areAvailable: Bool { SharedFolder.isAvailable(SharedFolder.workloads) }

    init(_ name: String) throws {
        let folder = try #require(SharedFolder.workloads, "workloads are not in the shared folder")
        func bytes(_ suffix: String) throws -> Data {
            try Data(contentsOf: folder.appending(path: name + suffix))
        }
        self.name = name
        workload = try Workload(
            requests: [UInt8](bytes(".requests.csv.gz")),
            models: [UInt8](bytes(".models.csv"))
        )
        reference = try JSONDecoder().decode(
            [String: [String: Double]].self,
            from: bytes(".reference.json")
        )
    }

    /// What each policy needs in one configuration.
    func replay(_ configuration: String, _ policies: [String]) throws -> [SimulationResult] {
        let parts = configuration.split(separator: "/")
        let simulator = try Simulator(
            workload,
            cost: "load_s_\(parts[0])",
            budget: try #require(ByteCount(parsing: parts[1]))
        )
        return try policies.map { simulator.run(try SimulatedPolicy(named: $0), mode: .untimed) }
    }
}

/// Three models of 1, 2 and 3 GB that take as many seconds to load.
func smallWorkload(_ requests: [(time: Double, model: Int)], service: Double = 0) -> Workload {
    Workload(
        models: (0..<3).map { index in
            Workload.Model(
                id: .init(path: "m\(index)", role: .chat),
                name: "model <\(index)>",
                bytes: ByteCount(Int64(index + 1) * 1_000_000_000),
                loadSeconds: ["s": Double(index + 1)]
            )
        },
        requests: requests.map {
            Workload.Request(time: $0.time, model: $0.model, service: service)
        }
    )
}
