import HTTPTypes
import Hummingbird

/// Decides who may ask at all: by host, by origin, by key.
struct Admission: Sendable {
    private let hosts: Set<String>
    private let origins: OriginList
    private let corsOrigins: OriginList
    private let keys: [[UInt8]]

    init(_ configuration: ServerConfiguration) {
        hosts = Set(configuration.allowedHosts.map { $0.lowercased() })
        origins = OriginList(configuration.allowedOrigins)
        corsOrigins = OriginList(configuration.corsOrigins)
        keys = configuration.apiKeys.map { Array($0.utf8) }
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

    /// Refuses requests without a key, where keys are needed.
    func checkKey(_ request: Request) throws(RequestError) {
        guard !keys.isEmpty else { return }
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
        // Every key is compared, so that time tells nothing of which came near.
        let matches = given.map { Array($0.utf8) }.map { candidate in
            keys.map { Self.isEqual($0, candidate) }.contains(true)
        }
        guard matches.contains(true) else {
            throw RequestError(.wrongKey, "The API key is not one of this server's.")
        }
    }

    /// Compares in a time that depends on the length of `candidate` alone.
    static func isEqual(_ key: [UInt8], _ candidate: [UInt8]) -> Bool {
        var difference = UInt(bitPattern: key.count ^ candidate.count)
        for index in candidate.indices {
            let expected = key.isEmpty ? 0 : key[index % key.count]
            difference |= UInt(candidate[index] ^ expected)
        }
        return difference == 0
    }
}
