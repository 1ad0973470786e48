/// A mistake a cache could make, planted between the machine and the oracle: the
/// oracle must notice each.
public enum OracleFault: String, CaseIterable, Sendable {
    /// Loads are decided against a budget that is too large.
    case reservesBeyondBudget
    /// More wait than may.
    case queuesWithoutLimit
    /// Footprints are believed smaller than they are.
    case underestimates
    /// Memory is given back when an unload starts.
    case returnsMemoryEarly
    /// A waiter is never resumed.
    case forgetsWaiter
    /// A waiter is resumed twice.
    case resumesTwice
    /// A waiter that took its request back is granted.
    case grantsCancelled
    /// A waiter is granted before its model is loaded.
    case grantsEarly
    /// A model is loaded twice at once.
    case loadsTwice
    /// A model is unloaded that somebody leases.
    case evictsLeased
    /// A model is evicted although it is pinned.
    case ignoresPin
    /// An alarm is lost, so what time alone brings about never happens.
    case losesAlarm
    /// A load that was asked for never starts.
    case losesLoad
    /// A release never arrives, so a model seems leased for ever.
    case losesRelease
    /// An unload is ordered but not carried out.
    case losesUnload
    /// A load that nobody wants goes on as if it were wanted.
    case losesCancellation
    /// The end is announced while models are still in memory.
    case finishesEarly
}
