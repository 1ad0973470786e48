/// Finds members of a JSON object without decoding the others.
///
/// The whole text is checked against RFC 8259, so that an error can say where it
/// is, except that strings nobody asked for may hold invalid UTF-8: the model
/// sees them next. Of members with the same name the last counts, as in most
/// parsers. Memory is taken only for the members asked for.
package enum JSONScanner {
    /// How deep arrays and objects may nest; parsers that recurse stop near it.
    package static let maximumDepth = 512

    /// Finds members of the object that `bytes` hold.
    ///
    /// - Parameters:
    ///   - names: The names of the members wanted.
    ///   - bytes: The JSON, which may begin with a byte order mark.
    /// - Returns: Those that are there, by name.
    /// - Throws: ``JSONScanError`` when `bytes` are not one JSON object.
    package static func fields(
        named names: Set<String>,
        of bytes: Span<UInt8>
    ) throws(JSONScanError) -> [String: JSONField] {
        // An escape takes up to six bytes for one.
        let longestName = (names.map(\.utf8.count).max() ?? 0) * 6
        var found: [String: JSONField] = [:]
        var position = byteOrderMark(bytes)
        skipSpace(bytes, &position)
        try expect("{", bytes, &position, "an object")
        skipSpace(bytes, &position)
        if !take("}", bytes, &position) {
            repeat {
                skipSpace(bytes, &position)
                let start = position
                try skipString(bytes, &position, "a name in quotes")
                let name = start + 1..<position - 1
                try skipColon(bytes, &position)
                let valueStart = position
                let kind = try skipValue(bytes, &position)
                if name.count <= longestName, let name = JSONText.decode(bytes, name),
                    names.contains(name)
                {
                    found[name] = JSONField(kind: kind, range: valueStart..<position)
                }
                skipSpace(bytes, &position)
            } while take(",", bytes, &position)
            try expect("}", bytes, &position, "',' or '}'")
        }
        skipSpace(bytes, &position)
        guard position == bytes.count else {
            throw JSONScanError(offset: position, expected: "nothing after the object")
        }
        return found
    }

    /// Skips one value with all it holds.
    ///
    /// A loop, not a recursion: depth is the sender's choice.
    static func skipValue(
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(JSONScanError) -> JSONField.Kind {
        let kind = self.kind(bytes, position)
        var closers: [UInt8] = []
        while true {
            if try openContainer(bytes, &position, &closers) { continue }
            var isAfterComma = false
            while let closer = closers.last, !isAfterComma {
                skipSpace(bytes, &position)
                if take(",", bytes, &position) {
                    skipSpace(bytes, &position)
                    if closer == UInt8(ascii: "}") { try skipName(bytes, &position) }
                    isAfterComma = true
                } else {
                    let character = Unicode.Scalar(closer)
                    try expect(character, bytes, &position, "',' or '\(character)'")
                    closers.removeLast()
                }
            }
            if !isAfterComma { return kind }
        }
    }

    /// Skips a scalar or an empty container; enters any other.
    ///
    /// - Returns: Whether it entered one, so that a value comes next.
    private static func openContainer(
        _ bytes: Span<UInt8>,
        _ position: inout Int,
        _ closers: inout [UInt8]
    ) throws(JSONScanError) -> Bool {
        let closer: Unicode.Scalar
        switch kind(bytes, position) {
        case .object: closer = "}"
        case .array: closer = "]"
        default:
            try skipScalar(bytes, &position)
            return false
        }
        // The object that is scanned is the first level.
        guard closers.count + 1 < maximumDepth else {
            throw JSONScanError(
                offset: position,
                expected: "no more than \(maximumDepth) levels of nesting"
            )
        }
        position += 1
        skipSpace(bytes, &position)
        if take(closer, bytes, &position) { return false }
        if closer == "}" { try skipName(bytes, &position) }
        closers.append(UInt8(ascii: closer))
        return true
    }

    private static func skipName(
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(JSONScanError) {
        try skipString(bytes, &position, "a name in quotes")
        try skipColon(bytes, &position)
    }

    static func skipColon(
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(JSONScanError) {
        skipSpace(bytes, &position)
        try expect(":", bytes, &position, "':'")
        skipSpace(bytes, &position)
    }

    static func kind(_ bytes: Span<UInt8>, _ position: Int) -> JSONField.Kind {
        guard position < bytes.count else { return .null }
        return switch bytes[position] {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case JSONText.quote: .string
        case UInt8(ascii: "t"): .bool(true)
        case UInt8(ascii: "f"): .bool(false)
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }
}

/// Why bytes are not the JSON object they should be.
package struct JSONScanError: Error, Hashable, Sendable {
    /// Where, in bytes from the start.
    package var offset: Int

    /// What was expected there.
    package var expected: String
}

extension JSONScanError: CustomStringConvertible {
    package var description: String {
        "The body is not a valid JSON object: expected \(expected) at byte \(offset)."
    }
}
