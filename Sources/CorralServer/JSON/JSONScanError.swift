/// Why bytes are not the JSON object they should be.
struct JSONScanError: Error, Hashable, Sendable {
    /// Where, in bytes from the start.
    var offset: Int

    /// What was expected there.
    var expected: String
}

extension JSONScanError: CustomStringConvertible {
    var description: String {
        "The body is not a valid JSON object: expected \(expected) at byte \(offset)."
    }
}
