/// What one GGUF file says about itself before its tensor data.
public struct GGUFHeader: Hashable, Sendable {
    /// The format's version, 2 or 3.
    public var version: UInt32

    /// The keys and values.
    public var metadata: GGUFMetadata

    /// The tensors in the order of the file.
    public var tensors: [GGUFTensor]

    /// What every tensor's offset is a multiple of, in bytes: `general.alignment`, else 32.
    public var alignment: Int

    /// The offset of the tensor data from the file's first byte.
    public var dataOffset: UInt64

    /// Describes a header.
    ///
    /// - Parameters:
    ///   - version: The format's version, 2 or 3.
    ///   - metadata: The keys and values.
    ///   - tensors: The tensors in the order of the file.
    ///   - alignment: What every tensor's offset is a multiple of, in bytes.
    ///   - dataOffset: The offset of the tensor data from the file's first byte.
    public init(
        version: UInt32,
        metadata: GGUFMetadata,
        tensors: [GGUFTensor],
        alignment: Int,
        dataOffset: UInt64
    ) {
        self.version = version
        self.metadata = metadata
        self.tensors = tensors
        self.alignment = alignment
        self.dataOffset = dataOffset
    }

    /// Reads a header.
    ///
    /// - Parameters:
    ///   - bytes: The file, or a beginning of it that holds the whole header.
    ///   - fileSize: The bytes of the whole file; given, every tensor must lie inside.
    /// - Throws: Where the header is malformed or incomplete.
    public init(parsing bytes: Span<UInt8>, fileSize: UInt64? = nil) throws(GGUFError) {
        var parser = HeaderParser(available: UInt64(bytes.count))
        if case .needs(let end) = try parser.advance(over: bytes) {
            throw GGUFError(
                .truncated,
                at: parser.offset,
                "The header goes on to byte \(end) at least; the file is incomplete, fetch it again."
            )
        }
        self = try parser.header(fileSize: fileSize)
    }

    /// The bytes of all tensors, without padding.
    public var tensorBytes: UInt64 { tensors.reduce(0) { $0 &+ $1.byteCount } }
}
