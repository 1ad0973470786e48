import HTTPTypes
import NIOHTTP1

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
    static func outgoing(_ fields: HTTPFields) -> HTTPHeaders {
        var headers = HTTPHeaders()
        for field in fields {
            let name = field.name.canonicalName
            guard !connection.contains(name), !requestOnly.contains(name) else { continue }
            headers.add(name: name, value: field.value)
        }
        return headers
    }

    /// The headers of a model's answer, without its grants to pages of other sites.
    static func incoming(
        _ headers: some Sequence<(name: String, value: String)>
    ) -> HTTPFields {
        var fields = HTTPFields()
        for (text, value) in headers {
            let lower = text.lowercased()
            guard !connection.contains(lower) || lower == "content-length", lower != "server",
                !lower.hasPrefix("access-control-"), let name = HTTPField.Name(text)
            else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        return fields
    }
}
