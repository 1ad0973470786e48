/// How urgently a request wants its model.
///
/// It orders who waits, and tells what a wait is worth when a victim is chosen; a request of either
/// priority is granted at once where the model is resident.
public enum RequestPriority: String, CaseIterable, Codable, Hashable, Sendable {
    /// Somebody waits for the answer.
    case interactive
    /// Nobody does; it counts as having come ``CacheConfiguration/batchHandicap`` later than it
    /// did, so that it lets others go first but never starves.
    case batch
}

extension RequestPriority {
    /// What a second of waiting for it is worth, beside one that somebody waits for.
    var urgency: Double {
        switch self {
        case .interactive: 1
        case .batch: 0.2
        }
    }
}

extension RequestPriority: CustomStringConvertible {
    /// `interactive` or `batch`.
    public var description: String { rawValue }
}
