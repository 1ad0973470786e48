/// The memory one resident model holds: what is its own, and what it may share.
public struct Footprint: Hashable, Sendable {
    /// Memory that is gone when the model is unloaded: KV cache, compute
    /// buffers, repacked weights, the process itself.
    public var exclusive: DomainBytes

    /// Memory that stays while any other holder names the same part: the mapped
    /// weights of one file, held once by all its roles.
    public var shared: [SharedPart]

    /// Creates a footprint.
    public init(exclusive: DomainBytes, shared: [SharedPart] = []) {
        self.exclusive = exclusive
        self.shared = shared
    }

    /// A footprint of exclusive host memory alone.
    public static func host(_ bytes: ByteCount) -> Footprint {
        Footprint(exclusive: .host(bytes))
    }

    /// What the model holds if it holds it alone: an upper bound on what adding
    /// it to any ledger can reserve.
    public var total: DomainBytes {
        mergedParts.values.reduce(exclusive, +)
    }

    /// The shared parts by name, a name that stands twice being one part.
    var mergedParts: [String: DomainBytes] {
        shared.reduce(into: [:]) { parts, part in
            parts[part.name] = (parts[part.name] ?? .zero).union(part.bytes)
        }
    }
}

/// A named part of a footprint that is counted once however many hold it.
public struct SharedPart: Hashable, Sendable {
    /// What makes two parts the same memory, such as a file's device, inode,
    /// size and modification time.
    public var name: String

    /// The bytes the part takes in each domain.
    public var bytes: DomainBytes

    /// Creates a part.
    public init(name: String, bytes: DomainBytes) {
        self.name = name
        self.bytes = bytes
    }
}
