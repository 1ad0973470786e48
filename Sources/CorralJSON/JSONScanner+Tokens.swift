/// The tokens of JSON.
extension JSONScanner {
    static func skipScalar(
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(JSONScanError) {
        guard position < bytes.count else {
            throw JSONScanError(offset: position, expected: "a value")
        }
        switch bytes[position] {
        case JSONText.quote: try skipString(bytes, &position, "a string")
        case UInt8(ascii: "t"): try skipWord("true", bytes, &position)
        case UInt8(ascii: "f"): try skipWord("false", bytes, &position)
        case UInt8(ascii: "n"): try skipWord("null", bytes, &position)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try skipNumber(bytes, &position)
        default: throw JSONScanError(offset: position, expected: "a value")
        }
    }

    /// Skips a string.
    static func skipString(
        _ bytes: Span<UInt8>,
        _ position: inout Int,
        _ expected: String
    ) throws(JSONScanError) {
        guard take("\"", bytes, &position) else {
            throw JSONScanError(offset: position, expected: expected)
        }
        let count = bytes.count
        while true {
            position = PlainText.end(in: bytes, from: position)
            guard position < count else {
                throw JSONScanError(offset: count, expected: "the end of a string")
            }
            if take("\"", bytes, &position) { return }
            guard bytes[position] == JSONText.backslash else {
                throw JSONScanError(offset: position, expected: "no control character in a string")
            }
            try skipEscape(bytes, &position)
        }
    }

    private static func skipEscape(
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(JSONScanError) {
        let start = position
        position += 1
        guard position < bytes.count else {
            throw JSONScanError(offset: position, expected: "the end of a string")
        }
        let escape = bytes[position]
        position += 1
        switch escape {
        case UInt8(ascii: "u"):
            guard JSONText.unescape(bytes, &position) != nil else {
                throw JSONScanError(offset: start, expected: "a valid \\u escape")
            }
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            break
        default: throw JSONScanError(offset: start, expected: "a valid escape")
        }
    }

    private static func skipNumber(
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(JSONScanError) {
        _ = take("-", bytes, &position)
        if !take("0", bytes, &position) { try skipDigits(bytes, &position) }
        if take(".", bytes, &position) { try skipDigits(bytes, &position) }
        if take("e", bytes, &position) || take("E", bytes, &position) {
            if !take("+", bytes, &position) { _ = take("-", bytes, &position) }
            try skipDigits(bytes, &position)
        }
    }

    private static func skipDigits(
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(JSONScanError) {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position > start else { throw JSONScanError(offset: position, expected: "a digit") }
    }

    private static func skipWord(
        _ word: StaticString,
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(JSONScanError) {
        let start = position
        for scalar in "\(word)".unicodeScalars where !take(scalar, bytes, &position) {
            throw JSONScanError(offset: start, expected: "'\(word)'")
        }
    }

    static func byteOrderMark(_ bytes: Span<UInt8>) -> Int {
        bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
    }

    static func skipSpace(_ bytes: Span<UInt8>, _ position: inout Int) {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    static func take(
        _ scalar: Unicode.Scalar,
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    static func expect(
        _ scalar: Unicode.Scalar,
        _ bytes: Span<UInt8>,
        _ position: inout Int,
        _ expected: @autoclosure () -> String
    ) throws(JSONScanError) {
        guard take(scalar, bytes, &position) else {
            throw JSONScanError(offset: position, expected: expected())
        }
    }
}
