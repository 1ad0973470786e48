/// The policies that can be named in configuration.
public enum EvictionPolicies {
    /// The names, the default first.
    public static let names = ["value", "lru"]

    /// Creates the policy of that name.
    ///
    /// - Parameter name: One of ``names``.
    /// - Returns: The policy, which has learned nothing yet.
    /// - Throws: ``EvictionPolicyError`` for any other name.
    public static func named(_ name: String) throws(EvictionPolicyError) -> any EvictionPolicy {
        switch name {
        case "value": ValueDensity()
        case "lru": LeastRecentlyUsed()
        default: throw EvictionPolicyError(.unknownName, name: name, known: names)
        }
    }
}

/// Why there is no such policy.
public struct EvictionPolicyError: Error, Hashable, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code as programs read it, in snake case.
        public let description: String

        private init(_ description: String) { self.description = description }

        /// Matches an error of this kind in a `catch` clause.
        public static func ~= (code: Code, error: any Error) -> Bool {
            (error as? EvictionPolicyError)?.code == code
        }

        /// No policy has that name.
        public static let unknownName = Code("unknown_policy")
    }

    /// The kind of failure.
    public var code: Code
    /// The name that was asked for.
    public var name: String
    /// The names there are.
    public var known: [String]

    /// Creates an error.
    public init(_ code: Code, name: String, known: [String]) {
        self.code = code
        self.name = name
        self.known = known
    }

    /// See ``Code/unknownName``.
    public static var unknownName: Code { .unknownName }
}

extension EvictionPolicyError: CustomStringConvertible {
    /// One sentence: what was asked for and what there is.
    public var description: String {
        "There is no eviction policy “\(name)”; use one of \(known.joined(separator: ", "))."
    }
}
