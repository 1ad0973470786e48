/// What is kept of an API key: its SHA-256, from which nobody can make the key.
///
/// A slow hash protects passwords, which can be guessed; a key of 256 random bits cannot be,
/// however fast the hash is.
public struct KeyDigest: Hashable, Sendable, CustomStringConvertible {
    private let bytes: [UInt8]

    /// Digests a key.
    public init(of key: String) {
        bytes = SHA256.digest(of: Array(key.utf8))
    }

    /// Reads a digest as it is written; `nil` for any other text.
    ///
    /// - Parameter hexadecimal: 64 hexadecimal digits.
    public init?(hexadecimal: String) {
        let digits = hexadecimal.map { $0.isASCII ? $0.hexDigitValue : nil }
        guard digits.count == 2 * SHA256.byteCount, !digits.contains(nil) else { return nil }
        let values = digits.compactMap { $0.map(UInt8.init) }
        bytes = stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }

    /// The digest as 64 hexadecimal digits.
    public var description: String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// Compares in a time that tells nothing of where the two differ.
    public static func == (first: Self, second: Self) -> Bool {
        var difference: UInt8 = 0
        for index in 0..<SHA256.byteCount { difference |= first.bytes[index] ^ second.bytes[index] }
        return difference == 0
    }
}

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

    /// What the server keeps of the key.
    public var digest: KeyDigest { KeyDigest(of: text) }
}
