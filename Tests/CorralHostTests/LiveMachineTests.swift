#if os(Linux)
import CorralMemory
import Glibc
import Synchronization
import Testing

@testable import CorralHost

/// What only real processes, libraries and files show.
@Suite struct LiveMachineTests {
    /// A clock that tests set.
    private final class Time: Sendable {
        private let value = Mutex(Duration.zero)
        func advance(_ duration: Duration) { value.withLock { $0 += duration } }
        func now() -> Duration { value.withLock { $0 } }
    }

    private func command(
        _ path: String,
        _ time: Time,
        limit: Duration = .seconds(30)
    ) -> RefreshedCommand {
        var schedule = RefreshSchedule()
        schedule.timeLimit = limit
        return RefreshedCommand(
            paths: ["/nowhere/at/all", path],
            arguments: ["one", "two"],
            schedule: schedule,
            now: time.now
        ) { !$0.isEmpty }
    }

    @Test func `this machine's memory is read within its own bounds`() throws {
        let source = HostSource.live()
        let memory = try SystemMemory(source).read()
        let host = try #require(memory.domains[.host])
        #expect(host.limit > .mebibytes(64))
        #expect(host.available > .zero && host.available <= host.limit)
        let description = try HostDescription(source)
        #expect(description.logicalCores >= 1)
        #expect(description.memory >= host.limit)
    }

    @Test func `memory this process writes to shows as its own`() throws {
        let source = HostSource.live()
        let before = try ProcessMemory.read(pid: getpid(), from: source, proportional: true)
        #expect(before.fileBacked > .mebibytes(1))
        #expect((before.proportional ?? .zero) > .zero)
        let block = [UInt8](repeating: 1, count: 256 << 20)
        let after = try ProcessMemory.read(pid: getpid(), from: source)
        #expect(after.exclusive - before.exclusive > .mebibytes(200))
        #expect(block.count == 256 << 20)
    }

    @Test func `a command's answer is kept for a second and then renewed`() throws {
        let scratch = try ScratchFolder()
        let counter = scratch.reserve("count")
        let script = "#!/bin/sh\nprintf x >> \(counter)\nprintf '%s ' \"$@\"; cat \(counter)\n"
        let path = try scratch.write(script, to: "tool", executable: true)
        let time = Time()
        let tool = command(path, time)
        #expect(tool.output() == Array("one two x".utf8))
        #expect(tool.output() == Array("one two x".utf8))
        time.advance(.seconds(1))
        // Renewed at once, or, on a busy machine, at one of the next questions.
        var renewed = false
        for _ in 0..<100 where !renewed { renewed = tool.output() == Array("one two xx".utf8) }
        #expect(renewed)
    }

    @Test func `a command that hangs is ended at its limit and its process reaped`() throws {
        let scratch = try ScratchFolder()
        let note = scratch.reserve("pid")
        let script = "#!/bin/sh\necho $$ > \(note)\nexec sleep 1000\n"
        let path = try scratch.write(script, to: "tool", executable: true)
        let time = Time()
        let tool = command(path, time, limit: .milliseconds(50))
        let deadline = ContinuousClock.now + .seconds(20)
        var found: pid_t?
        // On a busy machine it may be ended before it has written its number.
        while found == nil, ContinuousClock.now < deadline {
            #expect(tool.output().isEmpty)
            let text = FileReading.contents(of: note, limit: 20).map(KernelText.init)
            found = text.flatMap { pid_t($0.trimmed) }
            time.advance(.seconds(60))
        }
        let process = try #require(found)
        // Killed at the limit; its entry in the process table goes with the next run at the latest.
        while kill(process, 0) == 0, ContinuousClock.now < deadline {
            time.advance(.seconds(60))
            #expect(tool.output().isEmpty)
        }
        #expect(kill(process, 0) != 0)
    }

    @Test func `a question gets the old answer while the command hangs, and waits for nobody`()
        throws
    {
        let scratch = try ScratchFolder()
        let gate = scratch.reserve("gate")
        let flag = scratch.reserve("flag")
        try #require(mkfifo(gate, 0o600) == 0)
        // At once the first time; then when something is written into the pipe.
        let script = "#!/bin/sh\nif [ -e \(flag) ]; then cat \(gate); fi\n: > \(flag)\necho done\n"
        let path = try scratch.write(script, to: "tool", executable: true)
        let time = Time()
        var schedule = RefreshSchedule()
        schedule.renewalPatience = .zero
        let tool = RefreshedCommand(
            paths: [path],
            arguments: [],
            schedule: schedule,
            now: time.now
        ) { !$0.isEmpty }
        let first = tool.output()
        #expect(first == Array("done\n".utf8))
        time.advance(.seconds(1))
        // A second question while the first one's command hangs would never return, were there a
        // lock around it.
        for _ in 0..<100 { #expect(tool.output() == first) }
        let pipe = open(gate, O_WRONLY)
        #expect(write(pipe, "new ", 4) == 4)
        close(pipe)
        let deadline = ContinuousClock.now + .seconds(20)
        while tool.output() == first, ContinuousClock.now < deadline { sched_yield() }
        #expect(tool.output() == Array("new done\n".utf8))
    }

    @Test func `a command that fails or is missing has no answer`() throws {
        let scratch = try ScratchFolder()
        let path = try scratch.write("#!/bin/sh\nexit 3\n", to: "tool", executable: true)
        #expect(command(path, Time()).output().isEmpty)
        #expect(command(scratch.path + "/missing", Time()).output().isEmpty)
        let endless = try scratch.write("#!/bin/sh\nexec yes\n", to: "endless", executable: true)
        #expect(command(endless, Time()).output().count >= 1 << 20)
    }

    @Test func `a library that is missing or is another gives no devices`() {
        #expect(NVML(library: "libnothing-of-the-kind.so.1") == nil)
        #expect(NVML(library: "libc.so.6") == nil)
    }

    @Test(.enabled(if: Self.compiler != nil, "no C compiler"), arguments: [1, 2])
    func `a library with NVML's interface is asked by both versions of its call`(
        version: Int
    ) throws {
        let compiler = try #require(Self.compiler)
        let scratch = try ScratchFolder()
        let source = try scratch.write(Self.library(version: version), to: "nvml.c")
        let library = scratch.reserve("libfake.so")
        let child = ChildOutput(
            paths: [compiler],
            arguments: ["-shared", "-fPIC", "-B/usr/bin", "-o", library, source]
        )
        var compilation = try #require(child)
        let finished = compilation.finished(within: .seconds(60))
        let output = try #require(finished)
        // Its output closes as it ends, a moment before it can be reaped.
        while !compilation.isReaped() { sched_yield() }
        let nvml = try #require(
            NVML(library: library),
            "\(String(decoding: output, as: UTF8.self))"
        )
        let devices = nvml.read()
        #expect(devices.map(\.name) == ["Fake 0", "Fake 1", "Fake 2"])
        #expect(devices.map(\.identifier) == ["GPU-0", "GPU-1", "GPU-2"])
        let limit = ByteCount(version == 2 ? 900 : 1000)
        #expect(devices[0].memory == .dedicated(.init(limit: limit, available: ByteCount(300))))
        #expect(devices[1].memory == .host)
        #expect(devices[2].memory == .unknown)
    }

    private static var compiler: String? {
        ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"].first { access($0, X_OK) == 0 }
    }

    /// Three devices: one with memory, one that shares the machine's, one that is lost.
    private static func library(version: Int) -> String {
        let memory =
            version == 2
            ? """
            struct memory { unsigned version; unsigned long long total, reserved, free, used; };
            int nvmlDeviceGetMemoryInfo_v2(void *device, struct memory *m) {
                if (m->version != (sizeof(struct memory) | 2 << 24)) return 25;
                if (index_of(device) > 0) return index_of(device) == 1 ? 3 : 15;
                m->total = 1000; m->reserved = 100; m->free = 300; m->used = 600;
                return 0;
            }
            """
            : """
            struct memory { unsigned long long total, free, used; };
            int nvmlDeviceGetMemoryInfo(void *device, struct memory *m) {
                if (index_of(device) > 0) return index_of(device) == 1 ? 3 : 15;
                m->total = 1000; m->free = 300; m->used = 700;
                return 0;
            }
            """
        return """
            #include <stdio.h>
            static int devices[3];
            static int index_of(void *device) { return (int)((int *)device - devices); }
            int nvmlInit_v2(void) { return 0; }
            int nvmlDeviceGetCount_v2(unsigned *count) { *count = 3; return 0; }
            int nvmlDeviceGetHandleByIndex_v2(unsigned i, void **device) { *device = devices + i; return 0; }
            int nvmlDeviceGetName(void *device, char *text, unsigned length) {
                return snprintf(text, length, "Fake %d", index_of(device)) < 0;
            }
            int nvmlDeviceGetUUID(void *device, char *text, unsigned length) {
                return snprintf(text, length, "GPU-%d", index_of(device)) < 0;
            }
            \(memory)

            """
    }
}
#endif
