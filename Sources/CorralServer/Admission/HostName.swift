/// A host as `Host` and `Origin` headers name it.
struct HostName: Hashable, Sendable {
    /// The name in lower case, without the port; an IPv6 address in brackets.
    let name: String

    /// Takes the host out of `authority`: `host`, `host:port`, `[::1]:port`.
    init(_ authority: String) {
        let authority = authority.lowercased()
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            name = String(authority[...end])
        } else {
            name = String(authority.prefix { $0 != ":" })
        }
    }

    /// Whether it is an address, which no name server can make point elsewhere.
    var isAddress: Bool {
        if name.hasPrefix("["), name.hasSuffix("]") {
            let inside = name.dropFirst().dropLast()
            return inside.contains(":") && inside.allSatisfy { $0.isHexDigit || ":.".contains($0) }
        }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Whether it can only be this machine: a name resolved by nobody else
    /// (RFC 6761, section 6.3) or a loopback address.
    var isLocal: Bool {
        if name == "localhost" || name.hasSuffix(".localhost") || name == "[::1]" { return true }
        return isAddress && name.hasPrefix("127.")
    }
}

/// Origins as a person lists them.
struct OriginList: Sendable {
    private let exact: Set<String>
    private let schemes: [String]
    private let isOpen: Bool

    init(_ origins: [String]) {
        let origins = origins.map { $0.lowercased() }
        isOpen = origins.contains("*")
        exact = Set(origins)
        schemes = origins.filter { $0.hasSuffix("://*") }.map { String($0.dropLast()) }
    }

    func contains(_ origin: String) -> Bool {
        let origin = origin.lowercased()
        return isOpen || exact.contains(origin) || schemes.contains { origin.hasPrefix($0) }
    }
}
