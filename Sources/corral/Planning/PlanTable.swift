import CorralMemory
import CorralPlanner

/// One model's plan as a person reads it: a bar against the budget, a table of what memory is for,
/// and what would need less.
struct PlanTable {
    private let planned: PlannedModel
    private let budget: DomainBytes
    private var plan: MemoryPlan { planned.plan }

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
        let width = console.width ?? 80
        for domain in domains {
            console.print(bar(domain, width: max(16, min(48, width - 34))))
        }
        console.print("█ weights  ▓ KV cache and states  ▒ compute and output  ░ the rest")
        for domain in domains {
            console.print()
            table(domain, barWidth: max(8, min(32, width - 48))).print(to: console)
        }
        console.print()
        console.print(verdict)
        for note in notes { console.print(note) }
        guard !planned.levers.isEmpty else { return }
        console.print()
        levers.print(to: console)
    }

    private var domains: [MemoryDomain] { plan.total.domains }

    private var contextLine: String {
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

    /// A domain's part of the plan, drawn against the memory there is.
    private func bar(_ domain: MemoryDomain, width: Int) -> String {
        let there = max(budget[domain], ByteCount(1))
        let whole = max(there, plan.total[domain])
        let parts = plan.parts(in: domain)
        func share(_ kinds: [MemoryPlan.PartKind]) -> Double {
            let bytes = parts.filter { kinds.contains($0.kind) }.reduce(ByteCount.zero) {
                $0 + $1.bytes
            }
            return Double(bytes.rawValue) / Double(whole.rawValue)
        }
        let line = Bar.line(
            [
                (share([.weights, .projector]) + twice(domain, of: whole), "█"),
                (share([.cache, .recurrent]), "▓"),
                (share([.compute, .output, .outputGrowth]), "▒"),
                (
                    share([.hostHeap, .workBuffer, .process, .promptCache, .checkpoints]), "░"
                ),
            ],
            width: width
        )
        return "\(domain)  \(line)  \(plan.total[domain]) of \(budget[domain])"
    }

    /// Pages of the file whose weights are held repacked as well.
    private var repackedPages: ByteCount { plan.fileBacked - plan.mappedInPlace }

    private func twice(_ domain: MemoryDomain, of whole: ByteCount) -> Double {
        domain == .host ? Double(repackedPages.rawValue) / Double(whole.rawValue) : 0
    }

    private func table(_ domain: MemoryDomain, barWidth: Int) -> Table {
        let title = domains.count > 1 ? "PART IN \("\(domain)".uppercased())" : "PART"
        var table = Table([.text(title), .number("SIZE"), .text("SHARE"), .text("SOURCE")])
        let total = plan.total[domain]
        func bar(_ bytes: ByteCount) -> String {
            let share = Double(bytes.rawValue) / Double(max(1, total.rawValue))
            return Bar.line([(share, "█")], width: barWidth)
        }
        for part in plan.parts(in: domain) where part.bytes != .zero {
            table.add([part.kind.text, "\(part.bytes)", bar(part.bytes), part.source.text])
            guard part.kind == .weights, domain == .host, plan.fileBacked != .zero else { continue }
            let shown = min(plan.fileBacked, plan.mappedInPlace)
            table.add(["  of which file-backed", "\(shown)", bar(shown), "reclaimable"])
            guard repackedPages > .zero else { continue }
            table.add([
                "pages of repacked", "\(repackedPages)", bar(repackedPages), "reclaimable",
            ])
        }
        table.add(["total in \(domain)", "\(total)", bar(total), ""])
        return table
    }

    private var verdict: String {
        let trained = planned.subject.model.trainingContext
        let total = plan.total
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

    private var notes: [String] {
        var notes: [String] = []
        if let engine = planned.engine {
            notes.append("Asked of \(engine), which built the model without its weights.")
        }
        if plan.parts.contains(where: { $0.source == .measured }) {
            notes.append(
                "Measured parts are what a live process of it held under \(planned.corrections.engine)."
            )
        }
        if plan.isConservative {
            notes.append(
                "The architecture is not known to this version: every layer was taken for dense."
            )
        }
        return notes
    }

    /// The changes that would save memory, the cheapest first, each by itself.
    private var levers: Table {
        var table = Table([
            .text("TO NEED LESS"), .number("SAVES"), .text("FITS THEN"), .flexible("COSTS"),
        ])
        for lever in planned.levers {
            let fits = lever.plan.total.fits(in: budget) ? "yes" : "no"
            table.add([lever.change, lever.savings, fits, lever.kind.cost])
        }
        return table
    }
}

extension PlanLever {
    /// The bytes that are saved, domain by domain where there are several.
    fileprivate var savings: String {
        saves.domains == [.host] ? "\(saves[.host])" : "\(saves)"
    }
}

extension PlanLever.Kind {
    /// The price of the lever, in a few words.
    fileprivate var cost: String {
        switch self {
        case .outputs: "nothing, where each request samples one token at a time"
        case .flashAttention: "nothing, where the device supports it"
        case .microBatch: "long prompts are read more slowly"
        case .cacheType: "answers may differ a little"
        case .context: "long conversations are cut"
        case .gpuLayers: "the speed of other layers"
        }
    }
}

extension MemoryPlan.PartKind {
    /// The kind for people.
    fileprivate var text: String {
        switch self {
        case .weights: "weights"
        case .cache: "KV cache"
        case .recurrent: "recurrent state"
        case .compute: "compute"
        case .output: "output"
        case .outputGrowth: "output growth"
        case .hostHeap: "host heap"
        case .workBuffer: "work buffer"
        case .process: "sampling, driver"
        case .promptCache: "prompt cache"
        case .checkpoints: "checkpoints"
        case .projector: "projector"
        }
    }
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
