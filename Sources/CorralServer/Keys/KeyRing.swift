import Synchronization

/// The keys that count at this moment, and whether one is needed at all.
///
/// Once a key has been needed it stays needed, so that revoking the last key closes
/// the server rather than opens it.
final class KeyRing: Sendable {
    private let fixed: [APIKey]
    private let directory: any APIKeyDirectory
    private let isClosed: Atomic<Bool>

    /// - Parameters:
    ///   - plain: Keys as they were given, good for everything.
    ///   - directory: Keys that may change.
    ///   - isClosed: Whether a key is needed even while there is none.
    init(plain: [String], directory: any APIKeyDirectory, isClosed: Bool = false) {
        fixed = plain.map(APIKey.init(configured:))
        self.directory = directory
        self.isClosed = Atomic(isClosed)
    }

    /// The keys, or `nil` where none is needed.
    var keys: [APIKey]? {
        let keys = fixed + directory.keys
        if !keys.isEmpty { isClosed.store(true, ordering: .relaxed) }
        return isClosed.load(ordering: .relaxed) ? keys : nil
    }

    /// Finds the key that a request carries.
    ///
    /// Every key is compared with every candidate, so that time tells nothing of
    /// which came near.
    static func find(_ candidates: [String], among keys: [APIKey]) -> APIKey? {
        var found: APIKey?
        for digest in candidates.map(KeyDigest.init(of:)) {
            for key in keys where key.digest == digest { found = found ?? key }
        }
        return found
    }
}
