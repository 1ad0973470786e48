/// How a tensor's elements are stored (`enum ggml_type`).
///
/// Quantized types store a block of elements together; a row of a tensor is a whole number of
/// blocks.
public struct GGMLType: RawRepresentable, Hashable, Sendable {
    /// The number that stands in files.
    public let rawValue: UInt32

    /// The type with this number, whether it is known or not.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The type ggml prints as `name`, such as `q4_K` or `f16`; upper and lower case are the same.
    ///
    /// - Returns: `nil` where no current type is called so.
    public init?(named name: String) {
        let wanted = name.lowercased()
        guard let type = Self.layouts.first(where: { $0.value.name.lowercased() == wanted }) else {
            return nil
        }
        self = type.key
    }

    /// Every current type, by number.
    public static let all: [GGMLType] = layouts.keys.sorted { $0.rawValue < $1.rawValue }

    /// False for numbers ggml does not use, or no longer.
    public var isKnown: Bool { Self.layouts[self] != nil }

    /// The name ggml prints, such as `q4_K`; `type 4` where there is none.
    public var name: String { Self.layouts[self]?.name ?? "type \(rawValue)" }

    /// The elements of one block: 1 where each stands alone, 0 for an unknown type.
    public var blockElements: Int { Self.layouts[self]?.blockElements ?? 0 }

    /// The bytes of one block; 0 for an unknown type.
    public var blockBytes: Int { Self.layouts[self]?.blockBytes ?? 0 }

    /// The bytes of a row (ggml's `ggml_row_size`).
    ///
    /// - Parameter elements: The elements of the row.
    /// - Returns: `nil` where they are no whole number of blocks, where the bytes exceed 64 bits,
    ///   and for an unknown type.
    public func rowBytes(elements: UInt64) -> UInt64? {
        guard let layout = Self.layouts[self] else { return nil }
        let (blocks, rest) = elements.quotientAndRemainder(dividingBy: UInt64(layout.blockElements))
        let (bytes, overflow) = blocks.multipliedReportingOverflow(by: UInt64(layout.blockBytes))
        return rest == 0 && !overflow ? bytes : nil
    }
}

extension GGMLType: CustomStringConvertible {
    /// The type's name.
    public var description: String { name }
}
