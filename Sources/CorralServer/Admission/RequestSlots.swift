import CorralDialects
import Synchronization

/// Counts the requests under way with each key, up to what the key allows.
final class RequestSlots: Sendable {
    /// One request's place, free again when nobody holds it any more.
    final class Slot: Sendable {
        private let slots: RequestSlots
        private let digest: KeyDigest

        fileprivate init(_ slots: RequestSlots, _ digest: KeyDigest) {
            self.slots = slots
            self.digest = digest
        }

        deinit { slots.free(digest) }
    }

    private let defaultLimit: Int?
    private let counts = Mutex<[KeyDigest: Int]>([:])

    /// - Parameter defaultLimit: What a key allows that does not say; any number when `nil`.
    init(default defaultLimit: Int?) {
        self.defaultLimit = defaultLimit
    }

    /// Takes a place.
    ///
    /// - Returns: The place, or `nil` where the key sets no limit.
    /// - Throws: ``RequestError`` when all of the key's places are taken.
    func take(_ key: APIKey) throws(RequestError) -> Slot? {
        guard let limit = key.concurrency ?? defaultLimit else { return nil }
        let isFree = counts.withLock { counts in
            let count = counts[key.digest, default: 0]
            guard count < limit else { return false }
            counts[key.digest] = count + 1
            return true
        }
        guard isFree else {
            var error = RequestError(
                .tooManyRequests,
                "The key '\(key.name)' has \(limit) requests under way, as many as it may have; "
                    + "try again when one has ended."
            )
            error.retryAfter = 1
            throw error
        }
        return Slot(self, key.digest)
    }

    /// How many requests are under way with keys that limit them.
    var count: Int { counts.withLock { $0.values.reduce(0, +) } }

    private func free(_ digest: KeyDigest) {
        counts.withLock { counts in
            let count = counts[digest, default: 0] - 1
            counts[digest] = count > 0 ? count : nil
        }
    }
}
