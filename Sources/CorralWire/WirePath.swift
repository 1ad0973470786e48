/// The paths of Corral's own routes.
package enum WirePath {
    package static let status = "/corral/v1/status"
    package static let events = "/corral/v1/events"
    package static let feed = "/corral/v1/feed"
    package static let load = "/corral/v1/load"
    package static let unload = "/corral/v1/unload"
    package static let pin = "/corral/v1/pin"
    package static let hint = "/corral/v1/hint"
    package static let why = "/corral/v1/why"
    package static let whatIf = "/corral/v1/what-if"
    package static let reload = "/corral/v1/reload"

    /// A path with a query.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - members: The members of the query; those without a value are left out.
    /// - Returns: The path with the other members behind it, in order of their names.
    package static func query(_ path: String, _ members: [String: String?]) -> String {
        let pairs = members.compactMapValues(\.self).sorted { $0.key < $1.key }
            .map { name, value in "\(name)=\(value.addingPercentEncoding)" }
        return pairs.isEmpty ? path : "\(path)?\(pairs.joined(separator: "&"))"
    }
}

/// Percent-encoding (RFC 3986, section 2.1).
extension StringProtocol {
    /// The text with everything but letters, digits and `-._~` percent-encoded.
    package var addingPercentEncoding: String {
        var result = ""
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }

    /// The text with `%41` and the like decoded; `nil` where a `%` is not followed by two
    /// hexadecimal digits, or where what was encoded is not UTF-8.
    package var removingPercentEncoding: String? {
        var bytes: [UInt8] = []
        var rest = utf8.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.next().flatMap(Self.hexadecimalDigit),
                let low = rest.next().flatMap(Self.hexadecimalDigit)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init)
    }
}
