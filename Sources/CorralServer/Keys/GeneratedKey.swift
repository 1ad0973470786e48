/// A new API key: 256 random bits behind a word that tells people, and programs that
/// search for secrets, what it is.
public struct GeneratedKey: Sendable {
    /// What every key made here begins with.
    public static let prefix = "corral_"

    /// The key, to be shown once; only its digest is kept.
    public let text: String

    /// Draws a key.
    ///
    /// - Parameter generator: Must be fit for secrets, as the system's is.
    public init(using generator: inout some RandomNumberGenerator) {
        // Base 32 (RFC 4648, section 6) in lower case: safe in a header, in a shell, and
        // to read aloud. 52 digits of 5 bits hold 256 bits.
        let digits = Array("abcdefghijklmnopqrstuvwxyz234567")
        let random = (0..<52).map { _ in digits[Int.random(in: 0..<32, using: &generator)] }
        text = Self.prefix + String(random)
    }

    /// What is kept of it.
    public var digest: KeyDigest { KeyDigest(of: text) }
}
