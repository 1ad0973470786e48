import CorralDryRun
import CorralGGUF
import CorralMemory
import CorralPlanner
import CorralTesting
import Foundation

/// A random model in a random context: what the planner says of it beside what llama.cpp says.
struct PlanCell: Sendable {
    let seed: UInt64
    let architecture: String
    let options: ContextOptions
    /// Planned bytes above llama.cpp's, as a share of all that llama.cpp takes.
    let error: Double
    /// The same in bytes.
    let bytesOver: Int64
    /// What should be equal to the byte and is not.
    let inexact: [String]

    var place: String { "\(architecture), seed \(seed), \(options)" }
}

/// What became of the contexts of some random models.
struct PlanTally: Sendable {
    var cells: [PlanCell] = []
    /// Contexts the planner refuses and llama.cpp does not.
    var wronglyRefused: [String] = []
    /// Contexts that llama.cpp refuses or fails an assertion for: nothing to compare.
    var refused = 0
    /// Models llama.cpp makes nothing of: heads that do not divide, or more than the memory here.
    var unmade = 0

    mutating func add(_ other: PlanTally) {
        cells += other.cells
        wronglyRefused += other.wronglyRefused
        refused += other.refused
        unmade += other.unmade
    }

    /// A line for each architecture: how many cells, the least and the largest error.
    var byArchitecture: String {
        Dictionary(grouping: cells, by: \.architecture).sorted { $0.key < $1.key }
            .map { name, cells in
                let errors = cells.map { $0.error * 100 }
                let least = String(format: "%+.3f", errors.min() ?? 0)
                let most = String(format: "%+.3f", errors.max() ?? 0)
                return "\(name): \(cells.count) cells, \(least) % to \(most) %"
            }
            .joined(separator: "\n")
    }
}

extension RandomModel {
    /// Compares the planner with llama.cpp over random contexts of this model.
    func tally(_ count: Int, with helper: DryRunHelper) async throws -> PlanTally {
        var tally = PlanTally()
        let scratch = try Scratch()
        let described = try scratch.file("metadata.gguf", metadata)
        do {
            try await helper.writeTensors(of: described, to: "\(scratch.path)/tensors.gguf")
        } catch is DryRunError {
            tally.unmade = 1
            return tally
        }
        let bytes = [UInt8](
            try Data(contentsOf: URL(fileURLWithPath: "\(scratch.path)/tensors.gguf"))
        )
        // Of the file there is the header alone.
        let named = try GGUFHeader(parsing: bytes.span, fileSize: 1 << 50).tensors
        var random = SeededGenerator(seed: seed ^ 77)
        let contexts = (0..<count).map { _ in ContextOptions.random(using: &random) }
        for level in 0...2 {
            let (header, fileBytes) = file(named, level)
            let parsed = try GGUFHeader(parsing: header.span, fileSize: fileBytes)
            let description = try ModelDescription(
                shards: [parsed],
                fileBytes: ByteCount(clamping: fileBytes)
            )
            let part = StandInFile.Part(
                name: "model.gguf",
                header: header,
                fileBytes: Int64(fileBytes)
            )
            let standIn = try StandInFile([part], in: scratch.path)
            let answers = try await helper.measure(standIn.path, contexts: contexts)
            // Some architectures need what this level leaves out.
            let isRefused = answers.cells.contains { answer in
                if case .failure(let error) = answer { error.code == .modelRefused } else { false }
            }
            guard !isRefused else { continue }
            let planner = MemoryPlanner(description)
            for (options, answer) in zip(contexts, answers.cells) {
                compare(options, try? answer.get(), planner, &tally)
            }
            return tally
        }
        tally.unmade = 1
        return tally
    }

    private func compare(
        _ options: ContextOptions,
        _ cell: DryRunCell?,
        _ planner: MemoryPlanner,
        _ tally: inout PlanTally
    ) {
        guard let cell else {
            tally.refused += 1
            return
        }
        let load = LoadOptions(context: options, cpu: Fixtures.cpu, loadMode: .copied)
        guard let plan = try? planner.plan(load) else {
            tally.wronglyRefused.append("\(architecture), seed \(seed), \(options)")
            return
        }
        var inexact: [String] = []
        func expect(_ name: String, _ planned: Int64, _ told: Int64) {
            if planned != told { inexact.append("\(name) \(planned) instead of \(told)") }
        }
        func sum(_ part: (DryRunCell.Buffer) -> Int64) -> Int64 {
            cell.buffers.values.reduce(0) { $0 + part($1) }
        }
        expect("weights", plan.buffers.reduce(0) { $0 + $1.weights.bytes.rawValue }, sum(\.model))
        expect(
            "caches",
            plan.buffers.reduce(0) { $0 + ($1.cache.bytes + $1.recurrent.bytes).rawValue },
            sum(\.context)
        )
        expect("output", plan.output.bytes.rawValue, cell.output)
        expect("context", Int64(plan.contextTokens), Int64(cell.contextTokens))
        let compute = plan.buffers.reduce(0) { $0 + $1.compute.bytes.rawValue }
        let bytesOver = compute - sum(\.compute)
        tally.cells.append(
            PlanCell(
                seed: seed,
                architecture: architecture,
                options: options,
                error: Double(bytesOver) / Double(cell.total),
                bytesOver: bytesOver,
                inexact: inexact
            )
        )
    }
}
