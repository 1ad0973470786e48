import CorralMemory
import Testing

@testable import CorralHost

@Suite struct ProcessMemoryTests {
    private let status = """
        Name:\tllama-server
        State:\tS (sleeping)
        VmHWM:\t 2900000 kB
        VmRSS:\t 2600000 kB
        RssAnon:\t  500000 kB
        RssFile:\t 2099000 kB
        RssShmem:\t    1000 kB
        VmSwap:\t   20000 kB
        Threads:\t9

        """

    private func source(_ files: [String: String]) -> HostSource {
        .linux(LinuxSource(files: FileTree(files)))
    }

    @Test func `swapped and shared memory is the process's own, mapped files are not`() throws {
        let source = source([
            "/proc/42/status": status, "/proc/42/smaps_rollup": "Rss: 9 kB\nPss: 7 kB\n",
        ])
        let memory = try ProcessMemory.read(pid: 42, from: source)
        #expect(memory.exclusive == .kibibytes(521_000))
        #expect(memory.fileBacked == .kibibytes(2_099_000))
        #expect(memory.proportional == nil)
        let full = try ProcessMemory.read(pid: 42, from: source, proportional: true)
        #expect(full.proportional == .kibibytes(7))
    }

    @Test func `a process that waits to be reaped holds nothing`() throws {
        let source = source(["/proc/42/status": "Name:\tx\nState:\tZ (zombie)\n"])
        let memory = try ProcessMemory.read(pid: 42, from: source)
        #expect(memory == ProcessMemory(exclusive: .zero, fileBacked: .zero))
    }

    @Test func `a process that is gone gives an error of its own`() throws {
        let error = try #require(throws: HostError.self) {
            try ProcessMemory.read(pid: 1, from: source([:]))
        }
        #expect(error.code == .noSuchProcess)
        #expect(error.description.contains("/proc/1/status"))
    }
}
