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

    /// Whether it can only be this machine: a name resolved by nobody else
    /// (RFC 6761, section 6.3) or a loopback address.
    var isLocal: Bool {
        if name == "localhost" || name.hasSuffix(".localhost") || name == "[::1]" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
