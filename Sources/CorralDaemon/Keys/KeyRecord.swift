import CorralMemory
import CorralServer
import Foundation

/// An API key as the file of keys has it: everything but the key.
struct KeyRecord: Codable, Hashable, Sendable {
    var name: String
    var scope: String
    var sha256: String
    /// The day it was made, such as `2026-11-26`.
    var created: String?
    /// The requests that may be under way with it at once.
    var concurrency: Int?
    /// The largest body, such as `16MiB`.
    var bodyLimit: String?

    enum CodingKeys: String, CodingKey {
        case name, scope, sha256, created, concurrency
        case bodyLimit = "body-limit"
    }

    /// The key as the server knows it.
    ///
    /// - Throws: A sentence that says what makes no sense.
    func key() throws(KeyFileError) -> APIKey {
        guard Self.isName(name) else {
            throw KeyFileError("“\(name)” is no name; write letters, digits and “._-@”, at most 64")
        }
        guard let scope = AccessScope(rawValue: scope) else {
            let known = AccessScope.allCases.map(\.rawValue).joined(separator: " or ")
            throw KeyFileError("\(name) has the scope “\(scope)”; write \(known)")
        }
        guard let digest = KeyDigest(hexadecimal: sha256) else {
            throw KeyFileError("\(name) has no SHA-256 of 64 hexadecimal digits")
        }
        guard concurrency ?? 1 > 0 else {
            throw KeyFileError("\(name) may have \(concurrency ?? 0) requests; write at least 1")
        }
        var bytes: Int?
        if let bodyLimit {
            guard let size = ByteCount(parsing: bodyLimit), size > .zero else {
                throw KeyFileError("\(name) has the body-limit “\(bodyLimit)”; write 16MiB")
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
    static func isName(_ name: String) -> Bool {
        (1...64).contains(name.count)
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-@".contains($0)) }
    }
}

/// What is wrong with a file of keys, to stand behind its path.
struct KeyFileError: Error, Hashable, Sendable {
    var sentence: String

    init(_ sentence: String) { self.sentence = sentence }
}
