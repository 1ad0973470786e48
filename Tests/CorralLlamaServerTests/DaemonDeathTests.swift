import CorralCache
import Foundation
import Testing

@testable import CorralLlamaServer

/// What is left when the daemon is killed: a process of its own plays the daemon.
@Suite(.timeLimit(.minutes(4)))
struct DaemonDeathTests {
    @Test(.enabled(if: FakeServer.isPossible, "needs /usr/bin/env"))
    func `no process outlives a killed daemon, loading, ready or deaf to the end of its input`()
        async throws
    {
        let report = FileManager.default.temporaryDirectory.appending(
            path: "corral-report-\(UUID().uuidString)"
        ).path
        defer { try? FileManager.default.removeItem(atPath: report) }
        await #expect(processExitsWith: .signal(SIGKILL)) { [report = report as String] in
            let ready = try FakeServer("serves")
            let deaf = try FakeServer("ignores")
            let loading = try FakeServer("hangs")
            let models = [try await ready.load(), try await ready.load(), try await deaf.load()]
            async let never = loading.loadFailure()
            try await loading.events.progress(atLeast: 0.25)
            let processes = models.compactMap(\.processID) + loading.startedProcesses
            let folders = [ready, deaf, loading].map(\.engine.folder.path)
            let lines = processes.map(String.init) + folders
            try lines.joined(separator: "\n").write(
                toFile: report,
                atomically: true,
                encoding: .utf8
            )
            kill(getpid(), SIGKILL)
            _ = try await never
        }
        // How soon they go is measured by bench/orphans.py; that they go is tested here.
        let deadline = ContinuousClock.now + .seconds(60)
        let lines = try String(contentsOfFile: report, encoding: .utf8).split(separator: "\n")
        let processes = lines.compactMap { Int32($0) }
        #expect(processes.count == 4)
        let folders = lines.filter { $0.hasPrefix("/") }.map(String.init)
        #expect(folders.count == 3)
        // Each guard ends its processes first and removes its folder last.
        for folder in folders {
            while FileManager.default.fileExists(atPath: folder),
                ContinuousClock.now < deadline
            {
                await Task.yield()
            }
            #expect(!FileManager.default.fileExists(atPath: folder))
        }
        // A process that was sent SIGKILL takes a moment to die of it.
        for pid in processes {
            while isAlive(pid), ContinuousClock.now < deadline { await Task.yield() }
            #expect(!isAlive(pid))
        }
    }

    @Test(.enabled(if: RealServer.isExpected, RealServer.reason))
    func `no llama-server outlives a killed daemon`() async throws {
        let report = FileManager.default.temporaryDirectory.appending(
            path: "corral-report-\(UUID().uuidString)"
        ).path
        defer { try? FileManager.default.removeItem(atPath: report) }
        await #expect(processExitsWith: .signal(SIGKILL)) { [report = report as String] in
            let real = try RealServer()
            let engine = try real.engine()
            let models = [
                try await engine.load(real.model(RealServer.embed, .embed)),
                try await engine.load(real.model(RealServer.rerank, .rerank)),
            ]
            async let loading = engine.load(real.model(RealServer.chat, .chat))
            let lines = models.compactMap(\.processID).map(String.init) + [engine.folder.path]
            try lines.joined(separator: "\n").write(
                toFile: report,
                atomically: true,
                encoding: .utf8
            )
            kill(getpid(), SIGKILL)
            _ = try await loading
        }
        // How soon they go is measured by bench/orphans.py; that they go is tested here.
        let deadline = ContinuousClock.now + .seconds(60)
        let lines = try String(contentsOfFile: report, encoding: .utf8).split(separator: "\n")
        let folder = try #require(lines.last.map(String.init))
        while FileManager.default.fileExists(atPath: folder),
            ContinuousClock.now < deadline
        {
            await Task.yield()
        }
        #expect(!FileManager.default.fileExists(atPath: folder))
        let processes = lines.compactMap { Int32($0) }
        #expect(processes.count == 2)
        // A process that was sent SIGKILL takes a moment to die of it.
        for pid in processes {
            while isAlive(pid), ContinuousClock.now < deadline { await Task.yield() }
            #expect(!isAlive(pid))
        }
    }
}
