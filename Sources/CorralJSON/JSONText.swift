/// The text inside JSON strings.
package enum JSONText {
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")

    /// Undoes the escapes of a string that has been scanned.
    ///
    /// - Returns: `nil` when it is not valid UTF-8.
    static func decode(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String? {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = bytes[position]
            position += 1
            guard byte == backslash, position < range.upperBound else {
                text.append(byte)
                continue
            }
            let escape = bytes[position]
            position += 1
            if escape == UInt8(ascii: "u") {
                guard let scalar = unescape(bytes, &position) else { return nil }
                text.append(contentsOf: String(Character(scalar)).utf8)
            } else {
                text.append(plainEscapes[escape] ?? escape)
            }
        }
        return String(validating: text, as: UTF8.self)
    }

    /// The texts of an array that has been scanned.
    ///
    /// - Returns: `nil` when it holds anything but strings of valid UTF-8.
    package static func strings(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [String]? {
        var texts: [String] = []
        var position = range.lowerBound + 1
        while position < range.upperBound - 1 {
            let byte = bytes[position]
            position += 1
            // It is known to be JSON: between values stand commas and white space alone.
            if byte == UInt8(ascii: ",") || byte <= 0x20 { continue }
            guard byte == quote else { return nil }
            let start = position
            while bytes[position] != quote { position += bytes[position] == backslash ? 2 : 1 }
            guard let text = decode(bytes, start..<position) else { return nil }
            texts.append(text)
            position += 1
        }
        return texts
    }

    /// Reads the digits after `\u`, and a second escape where the first is half
    /// of a pair (RFC 8259, section 7).
    ///
    /// - Parameters:
    ///   - bytes: The JSON.
    ///   - position: The byte after the `u`; moved past what was read.
    /// - Returns: `nil` for digits that are none and for half a pair alone.
    static func unescape(_ bytes: Span<UInt8>, _ position: inout Int) -> Unicode.Scalar? {
        guard let first = hexadecimal(bytes, &position) else { return nil }
        guard first & 0xFC00 == 0xD800 else { return Unicode.Scalar(first) }
        guard position + 1 < bytes.count, bytes[position] == backslash,
            bytes[position + 1] == UInt8(ascii: "u")
        else { return nil }
        position += 2
        guard let second = hexadecimal(bytes, &position), second & 0xFC00 == 0xDC00 else {
            return nil
        }
        return Unicode.Scalar(0x10000 + ((first & 0x3FF) << 10 | (second & 0x3FF)))
    }

    private static func hexadecimal(_ bytes: Span<UInt8>, _ position: inout Int) -> UInt32? {
        guard position + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch bytes[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = bytes[position] - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                digit = bytes[position] - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"):
                digit = bytes[position] - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private static let plainEscapes: [UInt8: UInt8] = [
        UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A,
        UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]
}
