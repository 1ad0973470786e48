/// How far a header may reach.
struct HeaderBounds {
    /// The bytes known to exist.
    let available: UInt64

    /// The longest header read: sixty times one with 262,144 tokens and their merges (17 MB), and so
    /// little that a file whose counts are damaged is given up within seconds.
    static let maximumHeaderBytes: UInt64 = 1 << 30

    /// The longest string kept: templates have some 100 KB, and this much may be allocated at once.
    static let maximumStringBytes: UInt64 = 64 << 20

    /// Arrays in arrays: llama.cpp refuses the first level, nobody writes a second.
    static let maximumDepth = 8

    private var end: UInt64 { min(available, Self.maximumHeaderBytes) }

    /// Checks that `count` bytes from `offset` on exist, before anything believes in them.
    func require(_ count: UInt64, at offset: UInt64) throws(GGUFError) {
        guard offset > end || count > end - offset else { return }
        guard offset > available || count > available - offset else {
            throw GGUFError(
                .limitExceeded,
                at: offset,
                "The header is longer than \(Self.maximumHeaderBytes) bytes, which none is; the file is damaged, fetch it again."
            )
        }
        let left = available - min(offset, available)
        throw GGUFError(
            .truncated,
            at: offset,
            "The header needs \(count) more bytes here and \(left) are left; the file is incomplete or damaged, fetch it again."
        )
    }

    /// The same for `count` things of `size` bytes at least.
    func require(_ count: UInt64, of size: Int, at offset: UInt64) throws(GGUFError) {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: UInt64(size))
        try require(overflow ? .max : bytes, at: offset)
    }
}
