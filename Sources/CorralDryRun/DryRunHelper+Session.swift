package import CorralMemory
package import CorralPlanner
internal import Subprocess

#if canImport(System)
internal import System
#else
internal import SystemPackage
#endif

extension DryRunHelper {
    private typealias Running = Execution<FileDescriptorInput, SequenceOutput, SequenceOutput>

    /// Starts a process for a file, lends it, and ends it.
    ///
    /// - Parameters:
    ///   - file: The model, its first part where it has several.
    ///   - load: How it is loaded: layers offloaded, repacking.
    ///   - states: The recurrent states of the largest context that will be asked about, by an
    ///     analytic plan: they are really allocated, and bound what the process may hold.
    ///   - body: What asks.
    /// - Returns: What `body` returns.
    /// - Throws: ``DryRunError``, or what `body` throws.
    package func session<Value: Sendable>(
        _ file: String,
        load: LoadOptions = LoadOptions(),
        states: ByteCount = .zero,
        _ body: (DryRunSession) async throws -> Value
    ) async throws -> Value {
        guard states <= limits.states else {
            throw DryRunError(
                .tooLarge,
                "The model's states would take \(states), and a dry run may take \(limits.states) for them; ask for fewer sequences or raise the limit."
            )
        }
        let arguments = DryRunRequest.arguments(
            file: file,
            gpuLayers: load.gpuLayers,
            repacks: load.repacks,
            memory: (limits.memory + states.scaled(by: 1.25)).rawValue,
            seconds: limits.ownSeconds
        )
        return try await converse(arguments, load) { session in
            try await session.open()
            return try await body(session)
        }
    }

    /// Asks the helper which llama.cpp it has.
    ///
    /// - Throws: ``DryRunError`` where there is no helper or it has none, or `CancellationError`.
    package func identify() async throws -> DryRunEngine {
        try await converse(["--identify"], LoadOptions()) { try await $0.identify() }
    }

    /// Has llama.cpp name the tensors of a model of which there is only the metadata.
    ///
    /// - Parameters:
    ///   - metadata: A GGUF file without tensors.
    ///   - header: The file to write: the same metadata, and the tensors, as floats.
    /// - Throws: ``DryRunError`` where llama.cpp makes no model of it, or `CancellationError`.
    package func writeTensors(of metadata: String, to header: String) async throws {
        _ = try await converse(["--tensors", metadata, header], LoadOptions()) { session in
            try await session.describe()
        }
    }

    private func converse<Value: Sendable>(
        _ arguments: [String],
        _ load: LoadOptions,
        _ body: (DryRunSession) async throws -> Value
    ) async throws -> Value {
        // The end that is read stays open here too: writing to a helper that has crashed must not
        // raise SIGPIPE.
        let (readEnd, writeEnd) = try pipe()
        defer {
            try? writeEnd.close()
            try? readEnd.close()
        }
        let record = RunRecord()
        let outcome: ExecutionResult<Result<Value, any Error>, SequenceOutput, SequenceOutput>
        do {
            outcome = try await run(
                configuration(arguments),
                input: .fileDescriptor(readEnd, closeAfterSpawningProcess: false),
                output: .sequence,
                error: .sequence
            ) { execution in
                await attend(execution, record) {
                    let session = DryRunSession(
                        load,
                        requests: writeEnd,
                        answers: execution.standardOutput.makeAsyncIterator()
                    )
                    return try await body(session)
                }
            }
        } catch let error as SubprocessError {
            if Task.isCancelled { throw CancellationError() }
            throw DryRunError(
                .unavailable,
                "The dry run's helper cannot be started from \(path) (\(error)), so plans are analytic; install it beside corral."
            )
        }
        do {
            return try outcome.closureResult.get()
        } catch let error as DryRunError {
            if Task.isCancelled { throw CancellationError() }
            throw record.explain(error, outcome.terminationStatus, after: limits.time)
        }
    }

    private func pipe() throws(DryRunError) -> (FileDescriptor, FileDescriptor) {
        do {
            return try FileDescriptor.pipe()
        } catch {
            throw DryRunError(
                .unavailable,
                "No pipe to the dry run's helper can be made (\(error)); close files."
            )
        }
    }

    /// Lets `body` ask while the log is kept and the time is watched; ends the process after it.
    private func attend<Value: Sendable>(
        _ execution: Running,
        _ record: RunRecord,
        _ body: () async throws -> Value
    ) async -> Result<Value, any Error> {
        let (sleep, time) = (sleep, limits.time)
        return await withDiscardingTaskGroup { watch in
            watch.addTask {
                guard (try? await sleep(time)) != nil else { return }
                // Before whoever reads sees the end.
                record.markLate()
                try? execution.send(signal: .kill, toProcessGroup: true)
            }
            let result = await withDiscardingTaskGroup { logs in
                logs.addTask { await record.read(execution.standardError) }
                let result: Result<Value, any Error>
                do { result = .success(try await body()) } catch { result = .failure(error) }
                // It has nothing to tidy up, and may not be one that ends with its input.
                try? execution.send(signal: .kill, toProcessGroup: true)
                return result
            }
            watch.cancelAll()
            return result
        }
    }
}
