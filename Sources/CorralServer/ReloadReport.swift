import CorralWire

/// The changes that reading the configuration again has made.
public struct ReloadReport: Hashable, Sendable {
    /// The settings that count from now on, by their names.
    public var changed: [String] = []

    /// The settings that differ and count only after a restart.
    public var needRestart: [String] = []

    /// The models there are now that there were not before.
    public var added: [String] = []

    /// The models there are no more; those in memory leave it.
    public var removed: [String] = []

    /// The models that leave memory, because they are loaded differently from now on.
    public var reloading: [String] = []

    /// The models that are pinned now.
    public var pinned: [String] = []

    /// The models that are pinned no more.
    public var unpinned: [String] = []

    /// Creates a report of nothing.
    public init() {}

    /// Whether nothing differs.
    public var isEmpty: Bool { self == ReloadReport() }

    /// The report as it is told at `/corral/v1/reload`.
    var answer: ReloadAnswer {
        ReloadAnswer(
            changed: changed,
            needRestart: needRestart,
            models: ReloadAnswer.Models(
                added: added,
                removed: removed,
                reloading: reloading,
                pinned: pinned,
                unpinned: unpinned
            )
        )
    }
}
