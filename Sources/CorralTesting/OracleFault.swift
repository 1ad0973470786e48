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
    /// What was just loaded is evicted while it is used.
    case evictsFresh
    /// Batch requests are served as if they were interactive.
    case ignoresPriority
    /// A load is taken for one that nobody asked for, though somebody waits.
    case loadsAheadOfDemand
    /// A load for a hint goes on although a request needs the disk.
    case losesPrefetchCancellation
    /// Reading ahead goes on although a request needs the disk.
    case losesReadAheadCancellation
    /// A model is evicted for one that nobody wants.
    case evictsForNobody
    /// A declined hint evicts all the same.
    case obeysDeclinedHint
    /// A model is believed to hold no more with more context.
    case ignoresGrowth
    /// Requests are granted whatever context they need.
    case ignoresContext
    /// A resident model is unloaded for more context than can be had.
    case reloadsInfeasibly
    /// A leased model that is to come back with more context is unloaded at once.
    case reloadsWithoutDraining
    /// A drain is not called off when nobody waits for what it was for.
    case losesDrainCancellation
    /// What-if says that a request would be met that is refused.
    case promisesInfeasible
    /// The end is announced while models are still in memory.
    case finishesEarly
}
