@_exported public import CorralMemory

/// Which model: a GGUF file, the role it plays, and the profile it is loaded with.
///
/// Its hash is computed once, on creation, because every lease looks it up.
public struct ModelID: Sendable {
    /// The path of the GGUF file (of its first shard, when it is split).
    public let path: String

    /// The role the model plays.
    public let role: ModelRole

    /// A name for the load options, where one file and role is used with
    /// several; empty for the only or default ones.
    public let profile: String

    private let hash: Int

    /// Creates an identifier.
    ///
    /// - Parameters:
    ///   - path: The path of the GGUF file; compared as text, so pass it
    ///     absolute and without `..`.
    ///   - role: The role the model plays.
    ///   - profile: A name for load options that differ from the default ones.
    public init(path: String, role: ModelRole, profile: String = "") {
        self.path = path
        self.role = role
        self.profile = profile
        var hasher = Hasher()
        hasher.combine(path)
        hasher.combine(role)
        hasher.combine(profile)
        hash = hasher.finalize()
    }
}

extension ModelID: Hashable {
    /// Compares by path, role and profile.
    public static func == (lhs: ModelID, rhs: ModelID) -> Bool {
        lhs.hash == rhs.hash && lhs.role == rhs.role && lhs.path == rhs.path
            && lhs.profile == rhs.profile
    }

    /// Feeds the hash that was computed on creation.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(hash)
    }
}

extension ModelID: Comparable {
    /// Orders by path, then role, then profile: the total order that breaks ties.
    public static func < (lhs: ModelID, rhs: ModelID) -> Bool {
        (lhs.path, lhs.role, lhs.profile) < (rhs.path, rhs.role, rhs.profile)
    }
}

extension ModelID: CustomStringConvertible {
    /// The path and the role, with the profile where there is one.
    public var description: String {
        profile.isEmpty ? "\(path) (\(role))" : "\(path) (\(role), \(profile))"
    }
}
