/// A member of a JSON object, found and not decoded.
package struct JSONField: Hashable, Sendable {
    /// What kind of value it has.
    package enum Kind: Hashable, Sendable {
        case string, number, bool(Bool), null, object, array
    }

    /// What kind of value it has.
    package var kind: Kind

    /// Where the value is, with its quotes or brackets, in bytes from the start.
    package var range: Range<Int>

    /// The text of a string.
    ///
    /// - Parameter bytes: What was scanned.
    /// - Returns: `nil` when it is no string or not valid UTF-8.
    package func string(in bytes: Span<UInt8>) -> String? {
        guard kind == .string else { return nil }
        return JSONText.decode(bytes, range.lowerBound + 1..<range.upperBound - 1)
    }

    /// The value of a number.
    ///
    /// - Parameter bytes: What was scanned.
    /// - Returns: `nil` when it is no number.
    package func number(in bytes: Span<UInt8>) -> Double? {
        guard kind == .number else { return nil }
        return JSONText.decode(bytes, range).flatMap(Double.init)
    }
}
