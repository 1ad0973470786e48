/// A member of a JSON object, found and not decoded.
struct JSONField: Hashable, Sendable {
    /// What kind of value it has.
    enum Kind: Hashable, Sendable {
        case string, number, bool(Bool), null, object, array
    }

    /// What kind of value it has.
    var kind: Kind

    /// Where the value is, with its quotes or brackets, in bytes from the start.
    var range: Range<Int>

    /// The text of a string.
    ///
    /// - Parameter bytes: What was scanned.
    /// - Returns: `nil` when it is no string or not valid UTF-8.
    func string(in bytes: Span<UInt8>) -> String? {
        guard kind == .string else { return nil }
        return JSONText.decode(bytes, range.lowerBound + 1..<range.upperBound - 1)
    }

    /// The value of a number.
    ///
    /// - Parameter bytes: What was scanned.
    /// - Returns: `nil` when it is no number.
    func number(in bytes: Span<UInt8>) -> Double? {
        guard kind == .number else { return nil }
        return JSONText.decode(bytes, range).flatMap(Double.init)
    }
}
