/// A host and a port as people write them: `127.0.0.1`, `[::1]:8080`, `http://box:11435/`.
package struct Address: Hashable, Sendable {
    /// `http` or `https`.
    package var scheme = "http"
    /// The name or number of the host, without brackets.
    package var host: String
    /// The port, where one is written.
    package var port: Int?

    /// Puts an address together.
    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Takes a text apart.
    ///
    /// - Returns: `nil` where it is no address.
    package init?(parsing text: String) {
        var rest = Substring(text)
        for scheme in ["http", "https"] where rest.hasPrefix(scheme + "://") {
            self.scheme = scheme
            rest = rest.dropFirst(scheme.count + 3)
        }
        if let slash = rest.firstIndex(of: "/") {
            guard rest[slash...].allSatisfy({ $0 == "/" }) else { return nil }
            rest = rest[..<slash]
        }
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
        } else if rest.filter({ $0 == ":" }).count > 1 {
            host = String(rest)
            rest = ""
        } else {
            host = String(rest.prefix { $0 != ":" })
            rest = rest.dropFirst(host.count)
        }
        if rest.hasPrefix(":") {
            guard let port = Int(rest.dropFirst()), (0...65535).contains(port) else { return nil }
            self.port = port
        } else if !rest.isEmpty {
            return nil
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || "@?#".contains($0) })
        else { return nil }
    }

    /// The start of every URL there, where the port is known.
    package var url: String { url(standardPort: scheme == "https" ? 443 : 80) }

    /// The start of every URL there.
    ///
    /// - Parameter standardPort: The port where none is written.
    /// - Returns: Scheme, host and port, without a slash at the end.
    package func url(standardPort: Int) -> String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(scheme)://\(name):\(port ?? standardPort)"
    }
}
