import Crypto

/// What is kept of an API key: its SHA-256, from which nobody can make the key.
///
/// A slow hash protects passwords, which can be guessed; a key of 256 random bits cannot be,
/// however fast the hash is.
public struct KeyDigest: Hashable, Sendable, CustomStringConvertible {
    private let bytes: [UInt8]

    /// Digests a key.
    public init(of key: String) {
        bytes = Array(SHA256.hash(data: Array(key.utf8)))
    }

    /// Reads a digest as it is written; `nil` where it is none.
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
