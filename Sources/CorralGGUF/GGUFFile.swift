/// A model as it lies on disk: one GGUF file, or the parts of a split one together.
///
/// Only headers are read; nothing stays open or mapped.
public struct GGUFFile: Sendable {
    /// The files, the first part first; a model that is not split has one.
    public let shards: [GGUFShard]

    /// Every part's tensors, in the order of the parts.
    public let tensors: [GGUFTensor]

    /// Opens a model.
    ///
    /// - Parameters:
    ///   - path: A GGUF file; of a split model its first part, from whose name the others' follow.
    ///   - requiresData: Whether the tensors must be there too; `false` for mere headers, such as
    ///     those of a model not yet fetched.
    /// - Throws: Where a file cannot be read or is malformed, or where the parts are not one model;
    ///   the error names the file.
    public init(path: String, requiresData: Bool = true) throws(GGUFError) {
        let first = try GGUFShard(path: path, requiresData: requiresData)
        shards = try Self.parts(of: first, requiresData: requiresData)
        tensors = try Self.joined(shards)
    }

    /// The first part's header, whose metadata is the model's.
    public var header: GGUFHeader { shards[0].header }

    /// The model's metadata.
    public var metadata: GGUFMetadata { header.metadata }

    /// The path of every part.
    public var paths: [String] { shards.map(\.path) }

    /// Which files the parts were when they were read.
    public var identity: [GGUFFileIdentity] { shards.map(\.identity) }

    /// The bytes of all files.
    public var fileBytes: UInt64 { shards.reduce(0) { $0 &+ $1.identity.byteCount } }

    /// The bytes of all tensors, without padding.
    public var tensorBytes: UInt64 { tensors.reduce(0) { $0 &+ $1.byteCount } }

    /// The array at `key`, read from the file where it was too long to be kept.
    ///
    /// - Returns: `nil` where `key` is missing or no array.
    /// - Throws: Where the file is another one by now or cannot be read.
    public func array(_ key: String) throws(GGUFError) -> GGUFArray? {
        guard let array = metadata[key]?.array else { return nil }
        return try shards[0].array(reading: array)
    }
}
