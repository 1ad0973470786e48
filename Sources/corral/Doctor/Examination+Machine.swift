import CorralDaemon
import CorralHost
import CorralMemory

extension Examination {
    /// How much memory there is, and what may take it away.
    func machine(_ settings: Settings) -> [Finding] {
        guard let memory = try? probe.memory(), let machine = try? probe.machine() else {
            return [
                .problem(
                    "memory",
                    "the machine does not say how much it has",
                    "Corral reads /proc/meminfo; in a container, mount /proc."
                )
            ]
        }
        return [self.memory(settings, memory, machine)] + limits(machine) + swap(machine)
            + pressure(memory)
    }

    private func memory(
        _ settings: Settings,
        _ memory: HostMemory,
        _ machine: HostDescription
    ) -> Finding {
        let subject = "memory"
        let budget = settings.memory.resolved(for: memory)[.host]
        let (limit, available) = (memory.limits[.host], memory.available[.host])
        let found = "models may hold \(budget) of \(limit), of which \(available) are available now"
        if budget > limit {
            return .problem(
                subject,
                found,
                "Lower --memory: nothing but an error can come of the rest."
            )
        }
        guard available.rawValue >= budget.rawValue / 2 else {
            return .warning(
                subject,
                found,
                "Other programs hold the rest; close some, or expect models to wait."
            )
        }
        return .ok(subject, found)
    }

    private func limits(_ machine: HostDescription) -> [Finding] {
        guard let limit = machine.groupLimit else { return [] }
        return [
            .ok(
                "control group",
                "limits this user or container to \(limit) of \(machine.memory); that counts"
            )
        ]
    }

    private func swap(_ machine: HostDescription) -> [Finding] {
        let subject = "swap"
        guard let swap = machine.swap, let free = machine.swapFree, swap > .zero else {
            return [.ok(subject, machine.swap == nil ? "made as needed" : "none")]
        }
        let used = swap - free
        let found = "\(used) of \(swap) in use"
        guard used.rawValue <= swap.rawValue / 2 else {
            return [
                .warning(
                    subject,
                    found,
                    "A model whose memory is swapped out is slow; lower --memory or close programs."
                )
            ]
        }
        return [.ok(subject, found)]
    }

    /// Whether the kernel tells how pressed memory is.
    private func pressure(_ memory: HostMemory) -> [Finding] {
        let subject = "memory pressure"
        guard let share = memory.pressure else {
            guard !UserEnvironment.isDarwin else { return [] }
            return [
                .warning(
                    subject,
                    "the kernel does not tell it (no /proc/pressure/memory)",
                    "Boot with psi=1 to let Corral notice when programs wait for memory."
                )
            ]
        }
        guard share < 0.1 else {
            return [
                .warning(
                    subject,
                    "programs waited for memory in \(Int(share * 100)) % of the last ten seconds",
                    "Close some, or lower --memory."
                )
            ]
        }
        return [.ok(subject, "none to speak of")]
    }
}
