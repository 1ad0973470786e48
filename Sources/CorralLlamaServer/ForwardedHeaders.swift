import HTTPTypes

/// Which headers pass between a client and a model.
enum ForwardedHeaders {
    /// Headers of one connection (RFC 9110, section 7.6.1), or set anew for each.
    private static let connection: Set<String> = [
        "connection", "content-length", "expect", "host", "keep-alive", "proxy-authenticate",
        "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding",
        "upgrade",
    ]

    /// What a model's process is not told: credentials, what would compress its answers, and
    /// where a page came from, which has been judged before.
    private static let requestOnly: Set<String> = [
        "accept-encoding", "authorization", "cookie", "origin", "referer", "x-api-key",
    ]

    /// The headers of a request to a model.
    static func outgoing(_ fields: HTTPFields) -> HTTPFields {
        fields.filtered { !connection.contains($0) && !requestOnly.contains($0) }
    }

    /// The headers of a model's answer, without its grants to pages of other sites.
    static func incoming(_ fields: HTTPFields) -> HTTPFields {
        fields.filtered { name in
            (!connection.contains(name) || name == "content-length") && name != "server"
                && !name.hasPrefix("access-control-")
        }
    }
}

extension HTTPFields {
    /// The headers whose names, in lower case, pass a test.
    fileprivate func filtered(_ passes: (String) -> Bool) -> HTTPFields {
        var fields = HTTPFields()
        fields.reserveCapacity(count)
        for field in self where passes(field.name.canonicalName) { fields.append(field) }
        return fields
    }
}
