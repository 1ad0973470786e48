import CorralMemory
package import CorralServer
import Foundation

/// An API key as the file of keys has it: everything but the key.
package struct KeyRecord: Codable, Hashable, Sendable {
    package var name: String
    package var scope: String
    package var sha256: String
    /// The day it was made, such as `2026-11-26`.
    package var created: String?
    /// The requests that may be under way with it at once.
    package var concurrency: Int?
    /// The largest body, such as `16MiB`.
    package var bodyLimit: String?

    package enum CodingKeys: String, CodingKey {
        case name, scope, sha256, created, concurrency
        case bodyLimit = "body-limit"
    }

    /// Describes a key.
    package init(
        name: String,
        scope: String,
        sha256: String,
        created: String? = nil,
        concurrency: Int? = nil,
        bodyLimit: String? = nil
    ) {
        self.name = name
        self.scope = scope
        self.sha256 = sha256
        self.created = created
        self.concurrency = concurrency
        self.bodyLimit = bodyLimit
    }

    /// The key as the server knows it.
    ///
    /// - Throws: ``ConfigurationError/Code/invalidKey``, with a sentence that names the key.
    package func key() throws(ConfigurationError) -> APIKey {
        guard Self.isName(name) else {
            throw ConfigurationError(
                .invalidKey,
                "“\(name)” is no name; write letters, digits and “._-@”, at most 64."
            )
        }
        guard let scope = AccessScope(rawValue: scope) else {
            let known = AccessScope.allCases.map(\.rawValue).joined(separator: " or ")
            throw ConfigurationError(
                .invalidKey,
                "\(name) has the scope “\(scope)”; write \(known)."
            )
        }
        guard let digest = KeyDigest(hexadecimal: sha256) else {
            throw ConfigurationError(
                .invalidKey,
                "\(name) has no SHA-256 of 64 hexadecimal digits."
            )
        }
        guard concurrency ?? 1 > 0 else {
            throw ConfigurationError(
                .invalidKey,
                "\(name) may have \(concurrency ?? 0) requests; write at least 1."
            )
        }
        var bytes: Int?
        if let bodyLimit {
            guard let size = ByteCount(parsing: bodyLimit), size > .zero else {
                throw ConfigurationError(
                    .invalidKey,
                    "\(name) has the body-limit “\(bodyLimit)”; write 16MiB."
                )
            }
            bytes = Int(clamping: size.rawValue)
        }
        return APIKey(
            name: name,
            digest: digest,
            scope: scope,
            concurrency: concurrency,
            bodyLimit: bytes
        )
    }

    /// Whether a key may be called so: it is shown in logs, tables and errors.
    package static func isName(_ name: String) -> Bool {
        (1...64).contains(name.count)
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-@".contains($0)) }
    }
}
