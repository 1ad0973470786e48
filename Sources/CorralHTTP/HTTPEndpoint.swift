#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where an HTTP server listens.
package struct HTTPEndpoint: Hashable, Sendable {
    /// The kinds of address.
    package enum Address: Hashable, Sendable {
        /// A unix domain socket, by its path.
        case unixSocket(String)
        /// A TCP port of a host, which is a name or an IP address without brackets.
        case host(String, port: Int)
    }

    /// The address.
    package var address: Address

    /// Whether the connection is encrypted (`https`).
    package var isSecure = false

    /// What stands in front of every request's path, such as `/corral`; empty for nothing.
    package var pathPrefix = ""

    /// A server at a unix domain socket.
    package static func unixSocket(_ path: String) -> HTTPEndpoint {
        HTTPEndpoint(address: .unixSocket(path))
    }

    /// A server at a TCP port.
    package static func host(_ name: String, port: Int) -> HTTPEndpoint {
        HTTPEndpoint(address: .host(name, port: port))
    }

    private init(address: Address) { self.address = address }

    /// Reads the URL of a server: `http://host`, `https://host:port/prefix`, `http://[::1]:11435`.
    ///
    /// - Throws: ``HTTPClientError/Code/badURL``.
    package init(url text: String) throws(HTTPClientError) {
        guard let components = URLComponents(string: text), let scheme = components.scheme,
            ["http", "https"].contains(scheme.lowercased()), let host = components.host,
            !host.isEmpty
        else {
            throw HTTPClientError(
                .badURL,
                "'\(text)' is no URL of a server; give one such as http://127.0.0.1:11435."
            )
        }
        isSecure = scheme.lowercased() == "https"
        let name = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        address = .host(name, port: components.port ?? (isSecure ? 443 : 80))
        pathPrefix =
            components.path.hasSuffix("/") ? String(components.path.dropLast()) : components.path
    }

    /// What the `Host` header says.
    var authority: String {
        switch address {
        case .unixSocket: return "localhost"
        case .host(let name, let port):
            let host = name.contains(":") ? "[\(name)]" : name
            return port == (isSecure ? 443 : 80) ? host : "\(host):\(port)"
        }
    }
}

extension HTTPEndpoint: CustomStringConvertible {
    /// The path of the socket, or the URL.
    package var description: String {
        switch address {
        case .unixSocket(let path): path
        case .host: (isSecure ? "https://" : "http://") + authority + pathPrefix
        }
    }
}
