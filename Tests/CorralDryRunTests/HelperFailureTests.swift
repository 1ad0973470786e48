import CorralDryRun
import CorralMemory
import CorralPlanner
import Testing

/// A shell stands in for the helper, and its script for the model: it can fail in every way.
struct HelperFailureTests {
    private static let opening =
        #"echo '{"engine":{"available":true,"version":"1","build":7},"model":{"n_ctx_train":4096}}'"#
    private static let cell =
        #"echo '{"n_ctx":512,"n_ctx_seq":512,"fa":1,"buffers":{"CPU":{"model":1,"context":2,"compute":3}},"output":4}'"#

    private let shell = DryRunHelper(path: "/bin/sh")

    private func failure(
        of script: String,
        with helper: DryRunHelper
    ) async throws -> DryRunError? {
        let scratch = try Scratch()
        let file = try scratch.file("script", script.utf8)
        do {
            _ = try await helper.session(file) { session in
                try await session.measure(ContextOptions())
            }
            return nil
        } catch let error as DryRunError {
            return error
        }
    }

    @Test func `a well-behaved helper is heard, though it does not end with its input`()
        async throws
    {
        let script = "\(Self.opening); read line; \(Self.cell); exec sleep 1000"
        let scratch = try Scratch()
        let file = try scratch.file("script", script.utf8)
        let (cell, engine) = try await shell.session(file) { session in
            (try await session.measure(ContextOptions()), session.engine)
        }
        #expect(cell.total == 10)
        #expect(engine.description == "llama.cpp b7 (1)")
    }

    @Test func `a failed assertion is a crash with the last lines of the log`() async throws {
        let script = """
            \(Self.opening)
            read line
            echo 'first line' >&2
            echo 'graph.cpp:12: GGML_ASSERT(n > 0) failed' >&2
            kill -ABRT $$
            """
        let error = try #require(try await failure(of: script, with: shell))
        #expect(error.code == .crashed)
        #expect(error.message.contains("signal 6"))
        #expect(error.logLines == ["first line", "graph.cpp:12: GGML_ASSERT(n > 0) failed"])
    }

    @Test func `a crash while the model is read is a crash`() async throws {
        let error = try await failure(of: "kill -SEGV $$", with: shell)
        #expect(error?.code == .crashed)
    }

    @Test(arguments: [
        "exec sleep 1000", "sleep 1000 & wait", "trap '' TERM; sleep 1000", "exec 1>&-; sleep 1000",
    ])
    func `a helper that hangs is ended, and whatever it started`(script: String) async throws {
        let helper = DryRunHelper(path: "/bin/sh", clock: ImpatientClock())
        let error = try await failure(of: script, with: helper)
        let codes: [DryRunError.Code?] =
            script.contains("1>&-") ? [.timedOut, .crashed] : [.timedOut]
        #expect(codes.contains(error?.code))
    }

    @Test(arguments: [
        "echo hello", #"echo '{"n_ctx":1}'"#, "head -c 3000000 /dev/zero; echo",
        "printf '\\377\\376\\n'",
    ])
    func `what is no answer is a typed error`(script: String) async throws {
        let error = try await failure(of: script, with: shell)
        #expect(error?.code == .invalidAnswer)
    }

    @Test func `a helper that ends quietly is named with its status`() async throws {
        let error = try #require(try await failure(of: "exit 3", with: shell))
        #expect(error.code == .crashed)
        #expect(error.message.contains("status 3"))
    }

    @Test func `a library that is not found means that plans are analytic`() async throws {
        let script =
            "echo 'helper: error while loading shared libraries: libllama.so.0' >&2; exit 127"
        let error = try #require(try await failure(of: script, with: shell))
        #expect(error.code == .unavailable)
        #expect(error.message.contains("libllama.so.0"))
        #expect(error.message.contains("analytic"))
    }

    @Test func `a helper built without llama.cpp says that plans are analytic`() async throws {
        let script =
            #"echo '{"error":"unavailable","message":"this build has no llama.cpp"}'; exit 1"#
        let error = try #require(try await failure(of: script, with: shell))
        #expect(error.code == .unavailable)
        #expect(error.message.contains("analytic"))
    }

    @Test func `a helper that is not there is a typed error`() async throws {
        let helper = DryRunHelper(path: "/nonexistent/corral-dry-run")
        let error = try await failure(of: "", with: helper)
        #expect(error?.code == .unavailable)
        await #expect(throws: DryRunError.self) { try await helper.identify() }
    }

    @Test func `a crash costs the context that caused it and no other`() async throws {
        let script = """
            \(Self.opening)
            while read line; do
                case "$line" in
                "c=666 "*) kill -ABRT $$ ;;
                "c=7 "*) echo '{"error":"context","message":"7 is odd"}' ;;
                *) \(Self.cell) ;;
                esac
            done
            """
        let scratch = try Scratch()
        let file = try scratch.file("script", script.utf8)
        let contexts = [512, 666, 7, 1024, 666, 666, 2048].map { ContextOptions(contextTokens: $0) }
        let answers = try await shell.measure(file, contexts: contexts)
        let codes = answers.cells.map { cell -> DryRunError.Code? in
            if case .failure(let error) = cell { error.code } else { nil }
        }
        #expect(codes == [nil, .crashed, .contextRefused, nil, .crashed, .crashed, nil])
        #expect(answers.engine?.build == 7)
    }

    @Test func `states beyond the limit are refused before a process is started`() async throws {
        let helper = DryRunHelper(
            path: "/nonexistent",
            limits: DryRunLimits(states: .mebibytes(10))
        )
        await #expect(
            performing: {
                try await helper.session("model.gguf", states: .mebibytes(11)) { _ in }
            },
            throws: { DryRunError.Code.tooLarge ~= $0 }
        )
    }

    @Test func `a cancelled question ends the helper`() async throws {
        let scratch = try Scratch()
        let file = try scratch.file("script", "exec sleep 1000".utf8)
        let shell = shell
        let wasCancelled = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await shell.session(file) { _ in }
                    return false
                } catch {
                    return error is CancellationError
                }
            }
            group.cancelAll()
            return await group.next() ?? false
        }
        #expect(wasCancelled)
    }

    @Test func `the helper is looked for beside the program, its libraries beside llama-server`() {
        #expect(
            DryRunHelper.path(beside: "/opt/corral/bin/corral") == "/opt/corral/bin/corral-dry-run"
        )
        #expect(
            DryRunHelper.libraryFolders(of: "/opt/llama/bin/llama-server")
                == ["/opt/llama/lib", "/opt/llama/bin"]
        )
    }
}
