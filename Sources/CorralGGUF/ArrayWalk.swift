/// A walk over an array's elements that keeps none of them and can be interrupted anywhere.
struct ArrayWalk {
    /// The offset in the file of the next element.
    private(set) var offset: UInt64

    /// The arrays that are open, the innermost last; arrays in arrays are rare, and a list does not
    /// recurse however deep a damaged file nests them.
    private var open: [Level] = []

    private let bounds: HeaderBounds

    private struct Level {
        let elementType: GGUFValueType
        var remaining: UInt64
    }

    /// Begins a walk, once the bytes that `count` elements take at least are known to exist.
    init(
        over elementType: GGUFValueType,
        count: UInt64,
        at offset: UInt64,
        bounds: HeaderBounds
    ) throws(Interruption) {
        self.offset = offset
        self.bounds = bounds
        try enter(elementType, count)
    }

    /// Walks to the end of the array or of the window `cursor` stands in.
    ///
    /// - Throws: ``Interruption/needs(upTo:)`` where the window ends first; the walk goes on from
    ///   where it is with the next window.
    mutating func advance(_ cursor: borrowing ByteCursor) throws(Interruption) {
        var cursor = copy cursor
        while var level = open.popLast() {
            if let size = level.elementType.byteCount {
                // `enter` has checked that these bytes exist, so nothing overflows.
                offset += level.remaining * UInt64(size)
                continue
            }
            guard level.remaining > 0 else { continue }
            do throws(Interruption) {
                try cursor.move(to: offset)
                if level.elementType == .string {
                    try skipStrings(&level.remaining, &cursor)
                    open.append(level)
                } else {
                    let elementType = try cursor.readValueType()
                    let count = try cursor.readInteger(UInt64.self)
                    offset = cursor.offset
                    level.remaining -= 1
                    open.append(level)
                    try enter(elementType, count)
                }
            } catch {
                if case .needs = error { open.append(level) }
                throw error
            }
        }
    }

    private mutating func skipStrings(
        _ remaining: inout UInt64,
        _ cursor: inout ByteCursor
    ) throws(Interruption) {
        cursor.skipStrings(&remaining)
        offset = cursor.offset
        guard remaining > 0 else { return }
        // This string ends behind the window; its bytes need not be read to be stepped over.
        let length = try cursor.readInteger(UInt64.self)
        try cursor.existing(length)
        offset = cursor.offset + length
        remaining -= 1
    }

    private mutating func enter(
        _ elementType: GGUFValueType,
        _ count: UInt64
    ) throws(Interruption) {
        do throws(GGUFError) {
            guard open.count < HeaderBounds.maximumDepth else {
                throw GGUFError(
                    .nestingTooDeep,
                    at: offset,
                    "Arrays are nested deeper than \(HeaderBounds.maximumDepth) levels, which no model needs; the file is damaged, fetch it again."
                )
            }
            try bounds.require(count, of: elementType.minimumByteCount, at: offset)
        } catch { throw .failed(error) }
        open.append(Level(elementType: elementType, remaining: count))
    }
}
