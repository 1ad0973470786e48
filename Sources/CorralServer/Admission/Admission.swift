import CorralDialects
import HTTPTypes
import Hummingbird

/// Decides who may ask at all: by host, by origin, by key.
struct Admission: Sendable {
    private let hosts: Set<String>
    private let origins: OriginList
    private let corsOrigins: OriginList
    private let admitsAddresses: Bool
    private let ring: KeyRing
    let slots: RequestSlots

    init(_ configuration: ServerConfiguration) {
        hosts = Set(configuration.allowedHosts.map { $0.lowercased() })
        origins = OriginList(configuration.allowedOrigins)
        corsOrigins = OriginList(configuration.corsOrigins)
        admitsAddresses = configuration.admitsAddresses
        ring = KeyRing(
            plain: configuration.apiKeys,
            directory: configuration.keys,
            isClosed: configuration.requiresKey
        )
        slots = RequestSlots(default: configuration.keyConcurrency)
    }

    /// Decides whether a request may be asked.
    ///
    /// - Parameters:
    ///   - info: The request; is given the origin that may read the answer, the key that was
    ///     sent, and a place among the requests of that key.
    ///   - access: Who may ask for its route.
    /// - Throws: ``RequestError`` for a foreign host or origin, for a key that is missing, wrong or
    ///   not good for this, and where the key has as many requests under way as it may.
    func admit(_ info: inout RequestInfo, to access: Route.Access) throws(RequestError) {
        try checkHost(info.request)
        info.origin = try checkOrigin(info.request)
        info.key = try key(of: info.request, for: access)
        if access == .inference, let key = info.key { info.slot = try slots.take(key) }
    }

    /// Refuses requests addressed to a host that is not this machine: a page whose
    /// name was made to resolve to 127.0.0.1 (DNS rebinding) sends that name.
    func checkHost(_ request: Request) throws(RequestError) {
        guard !request.headers.contains(.host) else {
            throw RequestError(.malformed, "The request has more than one Host header.")
        }
        guard let authority = request.head.authority, !authority.isEmpty else { return }
        let host = HostName(authority)
        guard
            host.isLocal || hosts.contains("*") || hosts.contains(host.name)
                || hosts.contains(authority.lowercased())
                || (admitsAddresses && host.isAddress)
        else {
            throw RequestError(
                .foreignHost,
                "The host '\(authority)' is not served; add it to the allowed hosts to serve it."
            )
        }
    }

    /// Refuses requests sent by pages of other sites.
    ///
    /// - Returns: The origin to grant the answer to, where CORS is on for it.
    func checkOrigin(_ request: Request) throws(RequestError) -> String? {
        guard let origin = request.headers[.origin] else { return nil }
        if corsOrigins.contains(origin) { return origin }
        if origins.contains(origin) { return nil }
        let parts = origin.split(separator: "://", maxSplits: 1)
        guard parts.count == 2, parts[0] == "http" || parts[0] == "https",
            HostName(String(parts[1])).isLocal
        else {
            throw RequestError(
                .foreignOrigin,
                "Pages of '\(origin)' may not ask; add it to the allowed origins to let them."
            )
        }
        return nil
    }

    /// Refuses requests without a key, where keys are needed, and those whose key
    /// does not go far enough.
    ///
    /// - Returns: The key, where one is needed.
    private func key(
        of request: Request,
        for access: Route.Access
    ) throws(RequestError) -> APIKey? {
        guard let scope = access.scope, let keys = ring.keys else { return nil }
        var given: [String] = []
        if let header = request.headers[.authorization],
            header.prefix(7).lowercased() == "bearer "
        {
            given.append(String(header.dropFirst(7)))
        }
        if let header = request.headers[.apiKey] { given.append(header) }
        guard !given.isEmpty else {
            throw RequestError(
                .wrongKey,
                "An API key is needed; send it as 'Authorization: Bearer' or 'x-api-key'."
            )
        }
        guard let key = KeyRing.find(given, among: keys) else {
            throw RequestError(.wrongKey, "The API key is not one of this server's.")
        }
        guard key.scope >= scope else {
            throw RequestError(
                .insufficientScope,
                "This needs a key of the scope '\(scope.rawValue)'; "
                    + "'\(key.name)' is one for '\(key.scope.rawValue)'."
            )
        }
        return key
    }
}
