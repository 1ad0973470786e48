public import CorralMemory

extension ModelCache {
    /// Changes how much memory the models may hold together.
    ///
    /// Where they hold more by then, those worth least leave: idle ones now, leased ones when
    /// their last lease ends.
    ///
    /// - Parameter memory: A share of the machine's memory, or a size.
    /// - Throws: When the machine's memory cannot be read; nothing has changed then.
    public func setBudget(_ memory: MemoryBudget) throws {
        let budget = memory.resolved(for: try driver.host.read())
        driver.core.perform { machine, now in machine.budgetChanged(to: budget, now: now) }
    }

    /// Changes how long models stay idle for which nobody chose another time.
    ///
    /// - Parameter keepAlive: The time; it counts for models in memory too.
    public func setUsualKeepAlive(_ keepAlive: KeepAlive) {
        driver.core.perform { machine, now in
            machine.usualKeepAliveChanged(to: keepAlive, now: now)
        }
    }
}
