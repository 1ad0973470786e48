import CorralCache
import CorralMemory

/// Letting everything end, and checking that it does.
extension CacheOracle {
    /// Far more rounds than any history needs; a machine that is stuck uses them up.
    private static var roundLimit: Int { 2000 }

    /// Serves all requests without shutting down: idle models leave on their own
    /// where there is an idle limit.
    mutating func settle() throws {
        for pinned in world.pins.sorted() {
            world.pins.remove(pinned)
            try obey(machine.pinChanged(pinned, to: false, now: now))
        }
        try obey(machine.hostMemoryChanged(available: budget + budget, now: now))
        let leaves = machine.statistics(now: now).keepAlive != .untilEvicted
        var rounds = 0
        while hasUnsettled || (leaves && !world.models.isEmpty) {
            try takeRound()
            rounds += 1
            if rounds > Self.roundLimit { throw complain("never settles: \(remains)") }
        }
    }

    /// Shuts down: everything must be unloaded and everybody answered.
    mutating func shutDown() throws {
        if plant(.finishesEarly) { try obey([.finish]) }
        try obey(machine.shutdownRequested(now: now))
        if seed % 3 == 0 {
            for (id, lease) in world.held where lease.residency != nil {
                world.held[id]?.residency = nil
            }
            try obey(machine.shutdownDeadlinePassed(now: now))
        }
        var rounds = 0
        while !world.isFinished || hasUnsettled {
            try takeRound()
            rounds += 1
            if rounds > Self.roundLimit { throw complain("never shuts down: \(remains)") }
        }
        guard world.models.isEmpty else { throw complain("finished with models in memory") }
    }

    private var hasUnsettled: Bool {
        !world.requested.isEmpty || !world.waiting.isEmpty || !world.held.isEmpty
    }

    private mutating func takeRound() throws {
        step += 1
        try suspendOne()
        try finishLoad(mayFail: false)
        try finishUnload()
        try finishReading()
        try releaseOne()
        try advance(by: .seconds(3))
    }

    private var remains: String {
        """
        \(world.requested.count) requested, \(world.waiting.count) waiting, \
        \(world.held.count) held, \(world.models.count) in memory
        """
    }
}
