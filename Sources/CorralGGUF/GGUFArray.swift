/// An array in a file's metadata: what it holds and where it stands.
///
/// Arrays of at most ``keptBytes`` bytes (per-layer numbers, tags) are kept as they stand in the
/// file and decoded when asked. Longer ones (vocabularies, merges) are stepped over: their
/// accessors answer `nil`, and ``GGUFFile/array(_:)`` reads them from the file.
public struct GGUFArray: Hashable, Sendable {
    /// The type of every element.
    public let elementType: GGUFValueType

    /// How many elements there are.
    public let count: UInt64

    /// Where the elements stand in the file, behind the element type and the count.
    public let byteRange: Range<UInt64>

    /// The elements as they stand in the file; `nil` where they were stepped over.
    let bytes: [UInt8]?

    /// The longest array kept in memory, in bytes: 8,192 elements of 8 bytes.
    public static let keptBytes: UInt64 = 64 << 10

    /// True where the elements are in memory.
    public var isKept: Bool { bytes != nil }
}

extension GGUFArray {
    /// The elements, nested arrays included; `nil` where they were stepped over.
    public var values: [GGUFValue]? { every { $0 } }

    /// The elements of an array of any integer type; `nil` for others, where one is above
    /// `Int64.max`, and where they were stepped over.
    public var integers: [Int64]? { every(\.signed) }

    /// The elements of an array of any number type; `nil` for others and where stepped over.
    public var doubles: [Double]? { every(\.double) }

    /// The elements of an array of bools; `nil` for others and where stepped over.
    public var bools: [Bool]? { every(\.bool) }

    /// The elements of an array of strings; `nil` for others and where stepped over.
    public var strings: [String]? { every(\.string) }

    private func every<Element>(_ form: (GGUFValue) -> Element?) -> [Element]? {
        guard let bytes else { return nil }
        var cursor = ByteCursor(
            bytes.span,
            base: byteRange.lowerBound,
            bounds: HeaderBounds(available: byteRange.upperBound)
        )
        var elements: [Element] = []
        // Every element takes a byte at least, and no more are reserved than bytes were kept.
        elements.reserveCapacity(min(Int(clamping: count), bytes.count))
        for _ in 0..<count {
            guard let value = try? cursor.readValue(of: elementType), let element = form(value)
            else { return nil }
            elements.append(element)
        }
        return elements
    }
}
