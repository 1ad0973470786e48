import CorralHost
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite struct PageCacheTests {
    #if os(Linux)
    /// Writes 9 MiB, of which the last megabyte is no whole window.
    private func largeFile(in scratch: ScratchFolder) throws -> String {
        let path = try scratch.write(String(repeating: "x", count: 9 << 20), to: "large")
        let file = open(path, O_RDONLY)
        defer { close(file) }
        try #require(fsync(file) == 0)
        return path
    }

    private func drop(_ path: String) {
        let file = open(path, O_RDONLY)
        defer { close(file) }
        _ = posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
    }

    private func readAhead(_ path: String, isCancelled: Bool = false) -> Bool {
        PageCache.live.readAhead(path, { isCancelled })
    }

    @Test func `a file that was just written is in the page cache`() throws {
        let scratch = try ScratchFolder()
        #expect(PageCache.live.share(try largeFile(in: scratch)) == 1)
    }

    @Test func `a file that was dropped is read ahead to the end`() throws {
        let scratch = try ScratchFolder()
        let path = try largeFile(in: scratch)
        drop(path)
        let before = try #require(PageCache.live.share(path))
        // A file system that lives in memory drops nothing.
        if before > 0 { return }
        #expect(readAhead(path))
        #expect(PageCache.live.share(path) == 1)
    }
    #endif

    @Test func `reading ahead stops when it is called off`() throws {
        let scratch = try ScratchFolder()
        let path = try scratch.write("text", to: "small")
        #expect(!readAhead(path, isCancelled: true))
        #expect(readAhead(path))
    }

    @Test func `of what is no file nothing is told, and nothing is read`() throws {
        let scratch = try ScratchFolder()
        #expect(PageCache.live.share(scratch.path + "/missing") == nil)
        #expect(PageCache.live.share(scratch.path) == nil)
        #expect(!readAhead(scratch.path))
        #expect(!readAhead(scratch.path + "/missing"))
        #expect(PageCache.live.share(try scratch.write("", to: "empty")) == nil)
    }

    @Test func `the parts of a model count by their size`() {
        let cache = PageCache(
            share: { ["a": 1.0, "b": 0.5][$0] },
            readAhead: { _, _ in false }
        )
        #expect(cache.share(of: [("a", 100), ("b", 300)]) == 0.625)
        #expect(cache.share(of: [("a", 100), ("c", 1)]) == nil)
        #expect(cache.share(of: [("a", 0)]) == nil)
    }
}

@Suite struct StorageNamesTests {
    private static let table = """
        22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw
        30 22 0:26 / /mnt/nas rw - nfs4 nas:/models rw,vers=4.2
        31 22 0:27 / /tmp rw master:5 shared:7 - tmpfs tmpfs rw
        32 22 8:1 / /mnt/my\\040disk rw - xfs /dev/sda1 rw
        33 22 0:30 / /mnt/nas/fast rw - overlay overlay rw
        broken line
        """

    private func name(_ path: String) -> String {
        StorageNames(
            files: FileTree(["/proc/self/mountinfo": Self.table]),
            resolve: { $0 == "/link/m.gguf" ? "/mnt/nas/m.gguf" : $0 }
        ).name(ofFileAt: path)
    }

    @Test(arguments: [
        ("/home/me/m.gguf", "/dev/nvme0n1p2"), ("/mnt/nas/m.gguf", "nas:/models"),
        ("/mnt/nas2/m.gguf", "/dev/nvme0n1p2"), ("/tmp/m.gguf", "/tmp"),
        ("/mnt/my disk/m.gguf", "/dev/sda1"), ("/mnt/nas/fast/m.gguf", "/mnt/nas/fast"),
        ("/link/m.gguf", "nas:/models"),
    ])
    func `a file is stored where the longest mount point above it says`(
        path: String,
        storage: String
    ) {
        #expect(name(path) == storage)
    }

    @Test func `of one file and a link to it the storage is the same on this machine`() throws {
        let scratch = try ScratchFolder()
        let path = try scratch.write("text", to: "file")
        let names = StorageNames()
        #expect(!names.name(ofFileAt: path).isEmpty)
        #expect(names.name(ofFileAt: "/tmp/../" + path) == names.name(ofFileAt: path))
    }
}
