import CorralMemory
import CorralWire

/// A daemon's status for people.
struct StatusView {
    let status: DaemonStatus
    let all: Bool

    init(_ status: DaemonStatus, all: Bool = false) {
        self.status = status
        self.all = all
    }

    func print(to console: Console) {
        let shown = status.models.filter { all || $0.state != "absent" }
        if shown.isEmpty {
            console.print("No model is in memory.")
        } else {
            table(shown).print(to: console)
        }
        console.print()
        for line in memoryLines(width: min(console.width ?? 80, 80)) { console.print(line) }
        let waiting = status.waiting == 1 ? "1 request waits" : "\(status.waiting) requests wait"
        let uptime = Duration.seconds(status.uptimeSeconds).brief
        console.print("\(waiting); eviction by \(status.policy); up \(uptime)")
        guard let pressure = status.pressure, pressure.oversubscribed else { return }
        let share = Int((pressure.reloadingShare * 100).rounded())
        console.print(
            console.styled(
                """
                Oversubscribed: \(share) % of the time goes into bringing back what was just \
                evicted. More memory, smaller models or a shorter context would help.
                """,
                .yellow
            )
        )
    }

    private func table(_ models: [DaemonStatus.Model]) -> Table {
        var table = Table([
            .flexible("NAME"), .text("ROLE"), .text("STATE"), .number("PLANNED"),
            .number("MEASURED"), .number("CONTEXT"), .number("LEASES"), .number("IDLE"),
            .text("KEEP-ALIVE"),
        ])
        for model in models {
            let isLoading = model.state == "loading"
            let percent = Int((model.progress * 100).rounded(.down))
            table.add([
                model.model + (model.pinned ? " (pinned)" : ""),
                model.role,
                isLoading ? "loading \(percent)%" : model.state.replacing("_", with: " "),
                model.planned.map { "\($0.bytes)" } ?? "-",
                model.measured.map { "\(ByteCount($0.total))" } ?? "-",
                model.contextTokens > 0 ? "\(model.contextTokens)" : "-",
                model.waiting > 0 ? "\(model.leases) +\(model.waiting)" : "\(model.leases)",
                model.idleSeconds.map { Duration.seconds($0).brief } ?? "-",
                model.keepAlive.text,
            ])
        }
        return table
    }

    /// A bar for each domain: what is reserved of the budget, and what other programs keep of it.
    private func memoryLines(width: Int) -> [String] {
        status.memory.budget.pairs.sorted { $0.domain < $1.domain }.map { domain, bytes in
            let budget = ByteCount(bytes)
            let reserved = ByteCount(status.memory.reserved[domain])
            let limit = ByteCount(status.memory.limit[domain])
            let taken = max(.zero, budget - limit)
            func share(_ bytes: ByteCount) -> Double {
                budget > .zero ? Double(bytes.rawValue) / Double(budget.rawValue) : 0
            }
            let bar = Bar.line(
                [(share(reserved), "█"), (share(min(taken, budget - reserved)), "░")],
                width: max(10, width - 50)
            )
            let others = taken > .zero ? ", \(taken) taken by others" : ""
            return "\(domain)  \(bar)  \(reserved) of \(budget)\(others)"
        }
    }
}
