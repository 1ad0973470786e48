/// A tensor as the header describes it.
public struct GGUFTensor: Hashable, Sendable {
    /// The name, unique in the model.
    public var name: String

    /// How the elements are stored.
    public var type: GGMLType

    /// One to four dimensions, the contiguous one (`ne0`) first; none is zero.
    public var dimensions: [UInt64]

    /// The first byte, counted from the file's ``GGUFHeader/dataOffset``.
    public var offset: UInt64

    /// The bytes of the elements, without padding.
    public var byteCount: UInt64

    /// Describes a tensor.
    ///
    /// - Parameters:
    ///   - name: The name, unique in the model.
    ///   - type: How the elements are stored.
    ///   - dimensions: One to four dimensions, `ne0` first.
    ///   - offset: The first byte, counted from the start of the tensor data.
    ///   - byteCount: The bytes of the elements, without padding.
    public init(
        name: String,
        type: GGMLType,
        dimensions: [UInt64],
        offset: UInt64,
        byteCount: UInt64
    ) {
        self.name = name
        self.type = type
        self.dimensions = dimensions
        self.offset = offset
        self.byteCount = byteCount
    }

    /// The product of the dimensions; a parsed tensor's is at most `Int64.max`.
    public var elementCount: UInt64 { dimensions.reduce(1, &*) }
}
