public import CorralMemory

/// Everything a Mac tells about its memory.
public struct DarwinSource: Sendable {
    /// An integer by its `sysctl` name.
    public var integer: @Sendable (_ name: String) -> Int64?

    /// A text by its `sysctl` name.
    public var text: @Sendable (_ name: String) -> String?

    /// The pages in use now.
    public var pages: @Sendable () -> DarwinPages?

    /// Metal's GPU and what it recommends to keep resident, where there is Metal and
    /// the GPU shares the machine's memory.
    public var graphics: @Sendable () -> (name: String, workingSet: ByteCount)?

    /// One process's memory by its number.
    public var process: @Sendable (_ pid: Int32) -> ProcessMemory?

    /// Creates a source from what the system's calls would answer.
    public init(
        integer: @escaping @Sendable (_ name: String) -> Int64?,
        text: @escaping @Sendable (_ name: String) -> String? = { _ in nil },
        pages: @escaping @Sendable () -> DarwinPages?,
        graphics: @escaping @Sendable () -> (name: String, workingSet: ByteCount)? = { nil },
        process: @escaping @Sendable (_ pid: Int32) -> ProcessMemory? = { _ in nil }
    ) {
        self.integer = integer
        self.text = text
        self.pages = pages
        self.graphics = graphics
        self.process = process
    }

    /// The one domain of a machine with unified memory.
    ///
    /// - Throws: ``HostError`` when the system does not tell.
    func host() throws(HostError) -> HostMemory.Domain {
        guard let size = integer("hw.memsize"), size > 0 else {
            throw HostError(code: .unreadable, source: "sysctl hw.memsize")
        }
        guard let pages = pages() else {
            throw HostError(code: .unreadable, source: "host_statistics64")
        }
        let limit = ByteCount(size)
        return HostMemory.Domain(
            limit: limit,
            available: pages.available(of: limit),
            usable: workingSet(of: limit)
        )
    }

    /// What Metal lets models hold.
    ///
    /// An administrator's `iogpu.wired_limit_mb` counts first, then what Metal itself
    /// says, then the rule Metal follows: two thirds of the memory up to 36 GiB, three
    /// quarters above.
    private func workingSet(of limit: ByteCount) -> ByteCount {
        if let mebibytes = integer("iogpu.wired_limit_mb"), mebibytes > 0 {
            return min(.mebibytes(mebibytes), limit)
        }
        if let graphics = graphics(), graphics.workingSet > .zero {
            return min(graphics.workingSet, limit)
        }
        return limit.scaled(by: limit <= .gibibytes(36) ? 2.0 / 3 : 3.0 / 4)
    }
}

/// The pages a Mac has in use, as `host_statistics64` counts them.
public struct DarwinPages: Hashable, Sendable {
    /// Bytes in a page.
    public var size: Int64
    /// Pages that cannot be moved out, the kernel's and GPUs' among them.
    public var wired: Int64
    /// Pages that hold other pages' compressed contents.
    public var compressor: Int64
    /// Pages of programs' own memory, as opposed to file cache.
    public var anonymous: Int64
    /// The pages among the ``anonymous`` ones that programs said may be dropped.
    public var purgeable: Int64

    /// Creates counts.
    public init(
        size: Int64,
        wired: Int64,
        compressor: Int64,
        anonymous: Int64,
        purgeable: Int64
    ) {
        self.size = size
        self.wired = wired
        self.compressor = compressor
        self.anonymous = anonymous
        self.purgeable = purgeable
    }

    /// What could be allocated without compressing or swapping.
    ///
    /// This is everything but wired, compressed and programs' own pages, so that file
    /// cache counts as available, as it does on Linux: it is what Activity Monitor does not call "memory used".
    func available(of limit: ByteCount) -> ByteCount {
        let own = max(.zero, ByteCount(anonymous) - ByteCount(purgeable))
        let used = ByteCount(wired) + ByteCount(compressor) + own
        return max(.zero, min(limit, limit - used * size))
    }
}
