/// All parts of one object or array, of text that has been scanned before.
extension JSONScanner {
    /// The members of the object that `bytes` hold, in order.
    ///
    /// - Returns: None where `bytes` are no object.
    package static func members(of bytes: Span<UInt8>) -> [(name: String, field: JSONField)] {
        var position = byteOrderMark(bytes)
        var members: [(name: String, field: JSONField)] = []
        skipSpace(bytes, &position)
        guard take("{", bytes, &position) else { return [] }
        do throws(JSONScanError) {
            skipSpace(bytes, &position)
            if take("}", bytes, &position) { return [] }
            repeat {
                skipSpace(bytes, &position)
                let start = position
                try skipString(bytes, &position, "a name in quotes")
                let name = JSONText.decode(bytes, start + 1..<position - 1)
                try skipColon(bytes, &position)
                let valueStart = position
                let kind = try skipValue(bytes, &position)
                if let name {
                    members.append((name, JSONField(kind: kind, range: valueStart..<position)))
                }
                skipSpace(bytes, &position)
            } while take(",", bytes, &position)
        } catch {
            return []
        }
        return members
    }

    /// The elements of the array that `bytes` hold, in order.
    ///
    /// - Returns: None where `bytes` are no array.
    package static func elements(of bytes: Span<UInt8>) -> [JSONField] {
        var position = 0
        var elements: [JSONField] = []
        skipSpace(bytes, &position)
        guard take("[", bytes, &position) else { return [] }
        do throws(JSONScanError) {
            skipSpace(bytes, &position)
            if take("]", bytes, &position) { return [] }
            repeat {
                skipSpace(bytes, &position)
                let start = position
                let kind = try skipValue(bytes, &position)
                elements.append(JSONField(kind: kind, range: start..<position))
                skipSpace(bytes, &position)
            } while take(",", bytes, &position)
        } catch {
            return []
        }
        return elements
    }

    /// Where members of an object stand with their names and one comma each, so
    /// that what is left without them is an object still.
    ///
    /// - Parameters:
    ///   - names: The names of the members.
    ///   - bytes: An object, scanned before.
    /// - Returns: Ranges from the last to the first.
    package static func extents(of names: Set<String>, in bytes: Span<UInt8>) -> [Range<Int>] {
        var position = byteOrderMark(bytes)
        var extents: [Range<Int>] = []
        skipSpace(bytes, &position)
        guard take("{", bytes, &position) else { return [] }
        // The comma before the next member, where that member is to be kept.
        var keptAny = false
        var comma: Int?
        do throws(JSONScanError) {
            skipSpace(bytes, &position)
            if take("}", bytes, &position) { return [] }
            while true {
                skipSpace(bytes, &position)
                let start = position
                try skipString(bytes, &position, "a name in quotes")
                let name = JSONText.decode(bytes, start + 1..<position - 1)
                try skipColon(bytes, &position)
                _ = try skipValue(bytes, &position)
                let end = position
                skipSpace(bytes, &position)
                let next = take(",", bytes, &position) ? position - 1 : nil
                if let name, names.contains(name) {
                    extents.append(keptAny ? (comma ?? start)..<end : start..<(next ?? end - 1) + 1)
                } else {
                    keptAny = true
                }
                guard let next else { break }
                comma = next
            }
        } catch {
            return []
        }
        return extents.reversed()
    }
}
