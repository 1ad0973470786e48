/// What came of reading the configuration again.
public struct ReloadReport: Hashable, Sendable {
    /// The settings that count from now on, by their names.
    public var changed: [String] = []

    /// The settings that differ and count only after a restart.
    public var needRestart: [String] = []

    /// The models there are now that there were not before.
    public var added: [String] = []

    /// The models there are no more; what of them is in memory leaves.
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

    /// The report as it is written for programs.
    var json: JSONValue {
        func list(_ names: [String]) -> JSONValue { .array(names.map(JSONValue.string)) }
        return [
            "changed": list(changed),
            "need_restart": list(needRestart),
            "models": [
                "added": list(added), "removed": list(removed), "reloading": list(reloading),
                "pinned": list(pinned), "unpinned": list(unpinned),
            ],
        ]
    }
}
