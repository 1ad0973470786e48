/// What the cache loads before it is asked for.
public enum Prefetching: String, CaseIterable, Codable, Hashable, Sendable {
    /// Nothing: hints are declined.
    case off
    /// What clients say they will want next.
    case hinted
    /// That, and what has usually followed what was just used.
    case predicted
}
