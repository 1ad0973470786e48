import CorralMemory
import CorralTesting
import Foundation
import Testing

@testable import CorralLlamaServer

/// Loads by a stand-in that fails in every way there is.
@Suite(.timeLimit(.minutes(4)), .enabled(if: FakeServer.isPossible, "needs /usr/bin/env"))
struct LoadTests {
    @Test func `a load reports its progress and ends with a model that answers`() async throws {
        let fake = try FakeServer("serves")
        let model = try await fake.load()
        #expect(model.processID == fake.startedProcesses.first)
        #expect(try await model.ask("/echo", "hello") == (200, "hello"))
        try await fake.events.progress(atLeast: 1)
        await fake.engine.unload(model)
        await fake.engine.shutdown()
    }

    @Test func `a process that dies while it loads tells why and leaves nothing`() async throws {
        let fake = try FakeServer("dies")
        let error = try await fake.loadFailure()
        #expect(error.code == .corruptFile)
        #expect(error.message.contains("invalid magic characters"))
        #expect(error.message.contains("exited with code 1"))
        #expect(error.logLines.count == 2)
        #expect("\(error)".contains("loading model"))
        let pid = try #require(fake.startedProcesses.first)
        #expect(!isInTable(pid), "reaped before the error")
        await fake.engine.shutdown()
    }

    @Test func `of what a process wrote before it died no line is lost`() async throws {
        let fake = try FakeServer("talks then dies")
        let error = try await fake.loadFailure()
        #expect(error.code == .outOfMemory)
        #expect(error.logLines.count == 50)
        #expect(error.logLines.last?.contains("failed to allocate") == true)
        #expect(error.logLines.dropLast().last == "0.00.000.001 I line 999")
        await fake.engine.shutdown()
    }

    @Test func `a process killed while it loads is taken to have run out of memory`() async throws {
        let fake = try FakeServer("is killed")
        let error = try await fake.loadFailure()
        #expect(error.code == .outOfMemory)
        #expect(error.message.contains("signal 9"))
        await fake.engine.shutdown()
    }

    @Test func `a load that takes too long is ended, and the process with it`() async throws {
        let clock = ManualClock()
        let fake = try FakeServer("hangs", clock: clock)
        async let failure = fake.loadFailure(LlamaServerOptions(loadDeadline: .seconds(40)))
        try await fake.events.progress(atLeast: 0.25)
        // The deadline, and the wait for a process that is silent.
        await clock.sleepers(atLeast: 2)
        clock.advance(by: .seconds(40))
        let error = try await failure
        #expect(error.code == .deadlineExceeded)
        #expect(error.message.contains("40 s"))
        let pid = try #require(fake.startedProcesses.first)
        #expect(!isInTable(pid))
        await fake.engine.shutdown()
    }

    @Test func `a load that is called off ends its process before it returns`() async throws {
        let fake = try FakeServer("hangs")
        let error = try await withThrowingTaskGroup(of: LlamaServerError?.self) { group in
            group.addTask { try await fake.loadFailure() }
            group.addTask {
                try await fake.events.progress(atLeast: 0.25)
                return nil
            }
            _ = try await group.next()
            group.cancelAll()
            return try await group.next() ?? nil
        }
        #expect(error?.code == .cancelled)
        let pid = try #require(fake.startedProcesses.first)
        #expect(!isInTable(pid))
        await fake.engine.shutdown()
    }

    @Test func `a load that was called off before it began starts nothing that stays`() async throws
    {
        let fake = try FakeServer("serves")
        let plan = try await fake.plan()
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask {
                await #expect(throws: (any Error).self) {
                    try await fake.engine.load(fake.model, plan: plan, events: fake.events.events)
                }
            }
        }
        for pid in fake.startedProcesses { #expect(!isInTable(pid)) }
        await fake.engine.shutdown()
    }

    @Test func `a process without the protocol is asked until it is healthy`() async throws {
        let fake = try FakeServer("mute")
        let model = try await fake.load()
        #expect(try await model.ask("/echo", "x") == (200, "x"))
        await fake.engine.unload(model)
        await fake.engine.shutdown()
    }

    @Test(arguments: ["garbage", "floods"])
    func `nothing a process writes stops it from being heard`(behaviour: String) async throws {
        let fake = try FakeServer(behaviour)
        let model = try await fake.load()
        #expect(model.logLines.count <= 50)
        #expect(model.logLines.allSatisfy { $0.utf8.count <= 3 << 13 })
        #expect(try await model.ask("/echo", "x") == (200, "x"))
        await fake.engine.unload(model)
        await fake.engine.shutdown()
    }

    @Test func `a process gets no setting of llama-server's from the environment`() async throws {
        let fake = try FakeServer(
            "environment",
            environment: ["LLAMA_ARG_N_PREDICT": "3", "LLAMA_API_KEY": "k", "CUSTOM": "kept"]
        )
        let model = try await fake.load()
        let data = try Data(contentsOf: fake.folder.appending(path: "environment"))
        let seen = try JSONDecoder().decode([String: String].self, from: data)
        #expect(seen["LLAMA_ARG_N_PREDICT"] == nil && seen["LLAMA_API_KEY"] == nil)
        #expect(seen["CUSTOM"] == "kept")
        #expect(seen["LLAMA_SERVER_ROUTER_PORT"] != nil)
        await fake.engine.unload(model)
        await fake.engine.shutdown()
    }

    @Test func `a program that is missing or too old is named`() async throws {
        let fake = try FakeServer("old")
        let old = try await fake.loadFailure()
        #expect(old.code == .programTooOld)
        #expect(old.message.contains("build 11434") && old.message.contains("--ctx-size"))
        try FileManager.default.removeItem(at: fake.folder.appending(path: "llama-server"))
        let missing = try await fake.loadFailure()
        #expect(missing.code == .programNotFound)
        #expect(missing.message.contains(fake.folder.path))
        await fake.engine.shutdown()
    }

    @Test func `a program that changes is asked again`() async throws {
        let fake = try FakeServer("serves")
        let model = try await fake.load()
        await fake.engine.unload(model)
        let program = fake.folder.appending(path: "llama-server")
        try FileManager.default.removeItem(at: program)
        try FileManager.default.createSymbolicLink(
            at: program,
            withDestinationURL: FakeProgram.other
        )
        #expect(try await fake.loadFailure().code == .programTooOld)
        await fake.engine.shutdown()
    }

    @Test func `an engine that has shut down loads nothing`() async throws {
        let fake = try FakeServer("serves")
        let plan = try await fake.plan()
        await fake.engine.shutdown()
        do {
            _ = try await fake.engine.load(fake.model, plan: plan, events: fake.events.events)
            Issue.record("it was loaded")
        } catch LlamaServerError.Code.shutDown {
        }
        #expect(fake.startedProcesses == [])
    }
}
