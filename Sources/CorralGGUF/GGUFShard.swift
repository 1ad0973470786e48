/// One file of a model, most often the only one.
public struct GGUFShard: Sendable {
    /// The path as it was given, or as it follows from the first part's.
    public let path: String

    /// Which file it was when its header was read.
    public let identity: GGUFFileIdentity

    /// What the file says about itself.
    public let header: GGUFHeader

    /// The bytes read at a time: long enough that calls do not count, short enough to stay in a
    /// second-level cache.
    static let windowBytes: UInt64 = 256 << 10

    /// Reads the header of the file at `path`.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - requiresData: Whether the tensors must be there too; `false` for a mere header, such as
    ///     that of a model not yet fetched.
    /// - Throws: Where it cannot be read or is malformed; the error names the path.
    public init(path: String, requiresData: Bool = true) throws(GGUFError) {
        do throws(GGUFError) {
            let file = try FileReader(path: path)
            header = try Self.readHeader(of: file, requiresData: requiresData)
            identity = file.identity
            self.path = path
        } catch {
            var error = error
            error.path = path
            throw error
        }
    }

    /// Reads an array that was too long to be kept, such as a vocabulary.
    ///
    /// - Parameter array: An array of this shard's metadata.
    /// - Returns: The same array with its elements at hand.
    /// - Throws: Where the file is another one by now or cannot be read.
    public func array(reading array: GGUFArray) throws(GGUFError) -> GGUFArray {
        guard !array.isKept else { return array }
        let file = try FileReader(path: path)
        guard file.identity == identity, array.byteRange.upperBound <= identity.byteCount else {
            throw GGUFError(
                .fileChanged,
                at: array.byteRange.lowerBound,
                path: path,
                "The file was changed or replaced since its header was read; open it again."
            )
        }
        var bytes: [UInt8] = []
        let range = array.byteRange
        try file.read(
            Int(range.upperBound - range.lowerBound),
            at: range.lowerBound,
            into: &bytes
        )
        return GGUFArray(
            elementType: array.elementType,
            count: array.count,
            byteRange: range,
            bytes: bytes
        )
    }

    private static func readHeader(
        of file: borrowing FileReader,
        requiresData: Bool
    ) throws(GGUFError) -> GGUFHeader {
        let fileSize = file.identity.byteCount
        var parser = HeaderParser(available: fileSize)
        var window: [UInt8] = []
        var wanted: UInt64 = 0
        while true {
            let start = parser.offset
            // What the parser wants exists, and it wants no more than one string.
            let length = Int(min(max(wanted, windowBytes), fileSize - min(start, fileSize)))
            try file.read(length, at: start, into: &window)
            switch try parser.advance(over: window.span.extracting(first: length)) {
            case .finished: return try parser.header(fileSize: requiresData ? fileSize : nil)
            case .needs(let end): wanted = end - min(parser.offset, end)
            }
        }
    }
}
