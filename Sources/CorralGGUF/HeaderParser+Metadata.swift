extension HeaderParser {
    /// An array whose key is read and whose elements are being walked.
    struct PendingArray {
        let key: String
        let keyOffset: UInt64
        let elementType: GGUFValueType
        let count: UInt64
        /// Where the elements begin.
        let start: UInt64
        var walk: ArrayWalk
    }

    /// The longest key (65,535 bytes in the format's specification); tensor names share it.
    static let maximumNameBytes: UInt64 = 65_535

    mutating func readPair(
        _ cursor: borrowing ByteCursor,
        remaining: UInt64
    ) throws(Interruption) {
        var cursor = copy cursor
        let keyOffset = cursor.offset
        let key = try cursor.readString("A key", limit: Self.maximumNameBytes, repairing: false)
        guard !key.isEmpty else {
            throw .failed(
                GGUFError(
                    .emptyKey,
                    at: keyOffset,
                    "A metadata key is empty; the file is damaged, fetch it again."
                )
            )
        }
        let type = try cursor.readValueType()
        if type == .array {
            let elementType = try cursor.readValueType()
            let count = try cursor.readInteger(UInt64.self)
            let walk = try ArrayWalk(
                over: elementType,
                count: count,
                at: cursor.offset,
                bounds: bounds
            )
            let array = PendingArray(
                key: key,
                keyOffset: keyOffset,
                elementType: elementType,
                count: count,
                start: cursor.offset,
                walk: walk
            )
            offset = cursor.offset
            stage = .array(array, remaining: remaining)
        } else {
            let value = try cursor.readValue(of: type)
            try add(key, value, at: keyOffset)
            offset = cursor.offset
            stage = .metadata(remaining: remaining - 1)
        }
    }

    /// Walks an array on, and adds it where its end is reached.
    mutating func finish(
        _ array: PendingArray,
        _ cursor: borrowing ByteCursor,
        remaining: UInt64
    ) throws(Interruption) {
        var array = array
        do throws(Interruption) {
            try array.walk.advance(cursor)
        } catch {
            // What may still be kept is walked again from its start, so that it stands in one
            // window; what is too long for that never needs to be read twice.
            if case .needs = error, array.walk.offset - array.start > GGUFArray.keptBytes {
                offset = array.walk.offset
                stage = .array(array, remaining: remaining)
            }
            throw error
        }
        let range = array.start..<array.walk.offset
        let isShort = range.upperBound - range.lowerBound <= GGUFArray.keptBytes
        let value = GGUFArray(
            elementType: array.elementType,
            count: array.count,
            byteRange: range,
            bytes: isShort ? try cursor.copy(range) : nil
        )
        try add(array.key, .array(value), at: array.keyOffset)
        offset = range.upperBound
        stage = .metadata(remaining: remaining - 1)
    }

    private mutating func add(
        _ key: String,
        _ value: GGUFValue,
        at keyOffset: UInt64
    ) throws(Interruption) {
        guard metadata.append(key, value) else {
            throw .failed(
                GGUFError(
                    .duplicateKey,
                    at: keyOffset,
                    subject: key,
                    "The key \(key) occurs twice; the file is damaged or was edited wrongly, fetch it again."
                )
            )
        }
        guard key == "general.alignment" else { return }
        guard case .uint32(let bytes) = value, bytes.nonzeroBitCount == 1 else {
            throw .failed(
                GGUFError(
                    .invalidAlignment,
                    at: keyOffset,
                    subject: key,
                    "general.alignment must be a uint32 and a power of two; the file is damaged or was edited wrongly."
                )
            )
        }
        alignment = UInt64(bytes)
    }
}
