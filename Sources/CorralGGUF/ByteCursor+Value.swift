extension ByteCursor {
    /// Reads a value of any type; of an array that is short enough, the bytes too.
    mutating func readValue(of type: GGUFValueType) throws(Interruption) -> GGUFValue {
        switch type {
        case .uint8: .uint8(try readInteger())
        case .int8: .int8(try readInteger())
        case .uint16: .uint16(try readInteger())
        case .int16: .int16(try readInteger())
        case .uint32: .uint32(try readInteger())
        case .int32: .int32(try readInteger())
        case .uint64: .uint64(try readInteger())
        case .int64: .int64(try readInteger())
        case .float32: .float32(Float(bitPattern: try readInteger()))
        case .float64: .float64(Double(bitPattern: try readInteger()))
        case .bool: .bool(try readInteger(UInt8.self) != 0)
        case .string: .string(try readString("A value", repairing: true))
        case .array: .array(try readNestedArray())
        }
    }

    /// Reads an array that stands in the window as a whole: one that stands in a kept one.
    private mutating func readNestedArray() throws(Interruption) -> GGUFArray {
        let elementType = try readValueType()
        let count = try readInteger(UInt64.self)
        let start = offset
        var walk = try ArrayWalk(over: elementType, count: count, at: start, bounds: bounds)
        try walk.advance(self)
        try move(to: walk.offset)
        let range = start..<walk.offset
        return GGUFArray(
            elementType: elementType,
            count: count,
            byteRange: range,
            bytes: try copy(range)
        )
    }
}
