import CorralMemory
import CorralPlanner

/// One model's plan as a table: memory by what it is for, with bars.
struct PlanTable {
    private let planned: PlannedModel
    private let budget: DomainBytes

    init(_ planned: PlannedModel, budget: DomainBytes) {
        self.planned = planned
        self.budget = budget
    }

    func print(to console: Console) {
        let model = planned.subject.model
        let size = InspectReport.short(model.parameterCount)
        console.print(
            console.styled(planned.subject.name, .bold)
                + ": \(model.architecture), \(model.quantization), \(size) parameters, "
                + "\(planned.load.role.rawValue)"
        )
        console.print(contextLine)
        console.print()
        table(barWidth: max(8, min(32, (console.width ?? 80) - 48))).print(to: console)
        console.print()
        console.print(verdict)
        if planned.plan.isConservative {
            console.print(
                "The architecture is not known to this version: every layer was taken for dense."
            )
        }
    }

    private var contextLine: String {
        let plan = planned.plan
        let slots: String
        switch (plan.sequences, planned.load.context.unifiedCache) {
        case (1, _): slots = "for one request"
        case (let count, true): slots = "shared by \(count) requests"
        case (let count, false):
            slots = "for \(count) requests of \(plan.contextTokensPerSequence)"
        }
        let layers =
            planned.load.gpuLayers > 0 ? ", \(planned.load.gpuLayers) layers on the GPU" : ""
        return "\(plan.contextTokens) tokens \(slots), weights \(planned.load.loadMode.rawValue)"
            + layers
    }

    private var verdict: String {
        let trained = planned.subject.model.trainingContext
        let total = planned.plan.total
        guard let largest = planned.largestContext else {
            return "It does not fit: \(total) are needed with this context, \(budget) are there."
        }
        let bound =
            largest >= trained && trained > 0
            ? "all it was trained on" : "of \(trained) it was trained on"
        let fits = total.fits(in: budget) ? "It fits" : "It does not fit with this context"
        return "\(fits): \(total) of \(budget). "
            + "The largest context that fits is \(largest) tokens, \(bound)."
    }

    private typealias Row = (name: String, terms: [MemoryPlan.Term])

    /// The parts that take memory, by what they are for.
    private var parts: [Row] {
        let plan = planned.plan
        return [
            ("weights", plan.buffers.map(\.weights)),
            ("KV cache", plan.buffers.map(\.cache)),
            ("recurrent state", plan.buffers.map(\.recurrent)),
            ("compute", plan.buffers.map(\.compute)),
            ("output", [plan.output, plan.outputGrowth]),
            ("host heap", [plan.hostHeap, plan.workBuffer]),
            ("process", [plan.process]),
            ("prompt cache", [plan.promptCache]),
            ("checkpoints", [plan.checkpoints]),
        ].filter { !Self.bytes($0.1).isZero }
    }

    private static func bytes(_ terms: [MemoryPlan.Term]) -> ByteCount {
        terms.reduce(.zero) { $0 + $1.bytes }
    }

    private func table(barWidth: Int) -> Table {
        var table = Table([.text("PART"), .number("SIZE"), .text("SHARE"), .text("SOURCE")])
        let total = planned.plan.total.total
        func bar(_ bytes: ByteCount) -> String {
            let share = Double(bytes.rawValue) / Double(max(1, total.rawValue))
            return Bar.line([(share, "█")], width: barWidth)
        }
        for (name, terms) in parts {
            let bytes = Self.bytes(terms)
            let sources = Set(terms.filter { !$0.bytes.isZero }.map(\.source))
            let source = sources.map(\.text).sorted().joined(separator: ", ")
            table.add([name, "\(bytes)", bar(bytes), source])
            let backed = planned.plan.fileBacked
            if name == "weights", !backed.isZero {
                table.add(["  of which file-backed", "\(backed)", bar(backed), "reclaimable"])
            }
        }
        let held = planned.plan.total
        for domain in held.domains {
            table.add(["total in \(domain)", "\(held[domain])", bar(held[domain]), ""])
        }
        return table
    }
}

extension ByteCount {
    fileprivate var isZero: Bool { self == .zero }
}

extension MemoryPlan.Source {
    /// The source for people.
    fileprivate var text: String {
        switch self {
        case .exact: "exact"
        case .dryRun: "dry run"
        case .closedForm: "bound"
        case .measured: "measured"
        }
    }
}
