/// A key that requests may carry, as the server knows it: never the key itself.
public struct APIKey: Hashable, Sendable {
    /// The name people gave it.
    public var name: String

    /// What is kept of the key.
    public var digest: KeyDigest

    /// What its holder may do.
    public var scope: AccessScope

    /// The requests to models that may be under way with it at once; any number
    /// when `nil`.
    public var concurrency: Int?

    /// The largest body a request with it may have, in bytes; the server's limit
    /// when `nil` or larger.
    public var bodyLimit: Int?

    /// Creates a key.
    public init(
        name: String,
        digest: KeyDigest,
        scope: AccessScope,
        concurrency: Int? = nil,
        bodyLimit: Int? = nil
    ) {
        self.name = name
        self.digest = digest
        self.scope = scope
        self.concurrency = concurrency
        self.bodyLimit = bodyLimit
    }
}

extension APIKey {
    /// A key as it stands in a configuration, which is good for everything.
    ///
    /// - Parameter text: The key itself.
    public init(configured text: String) {
        self.init(name: "configured", digest: KeyDigest(of: text), scope: .admin)
    }
}

/// What the holder of a key may do.
public enum AccessScope: String, CaseIterable, Comparable, Sendable {
    /// Use models and list them.
    case inference
    /// That, and look at the daemon and steer it: status, events, loading,
    /// unloading, pinning.
    case admin

    /// Whether the first allows less than the second.
    public static func < (first: Self, second: Self) -> Bool {
        first == .inference && second == .admin
    }
}

/// The keys a server takes, which may change while it runs.
public protocol APIKeyDirectory: Sendable {
    /// Every key there is now.
    ///
    /// Every request that needs a key looks at them, on the event loop that carries other clients'
    /// tokens: they must be a value that was made before, and no file may be read for it.
    var keys: [APIKey] { get }
}

/// Keys that do not change.
public struct APIKeyList: APIKeyDirectory {
    /// The keys.
    public var keys: [APIKey]

    /// Creates a directory of `keys`.
    public init(_ keys: [APIKey] = []) {
        self.keys = keys
    }
}
