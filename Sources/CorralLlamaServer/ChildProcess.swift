import CorralCache
import Logging
import Subprocess
import Synchronization

/// One llama-server process, from its start until it is reaped.
///
/// swift-subprocess gives what is needed: pipes that no other child inherits (close-on-exec on
/// creation, and every descriptor but the standard three closed in the child), a process group of
/// its own, both outputs as streams, and a wait that reaps. A process lives as long as the call
/// of ``run(under:)``, which the engine's runner makes.
final class ChildProcess: Sendable {
    enum Order: Sendable {
        case terminate
        case kill
    }

    private struct State {
        var pid: Int32?
        var isAsked = false
        var spokeProtocol = false
        var fraction = 0.0
        var log = LogTail()
        var conversations = ConversationMeter()
        /// How the process ended, once it has.
        var end: ChildEnd?
        /// Called when the process ends by itself, once it has been handed over.
        var exited: (@Sendable (String) -> Void)?
    }

    /// What a child that speaks the protocol says once it can answer; `nil` when it ended first.
    let ready = OneShot<ReadyReport?>()

    /// How the process ended; there once it is reaped and its memory is free.
    let ended = OneShot<ChildEnd>()

    private let launch: Launch
    private let socket: String
    private let logger: Logger
    private let progress: @Sendable (Double) -> Void
    private let orders: AsyncStream<Order>
    private let ordersIn: AsyncStream<Order>.Continuation
    private let state = Mutex(State())

    /// Prepares a process that is to listen at `socket`, which is removed when it has ended.
    init(
        _ launch: Launch,
        socket: String,
        logger: Logger,
        progress: @escaping @Sendable (Double) -> Void
    ) {
        self.launch = launch
        self.socket = socket
        self.logger = logger
        self.progress = progress
        (orders, ordersIn) = AsyncStream.makeStream()
    }

    /// The process's number while it runs.
    var pid: Int32? { state.withLock { $0.pid } }

    /// Whether it has said anything in the protocol of a child.
    var spokeProtocol: Bool { state.withLock { $0.spokeProtocol } }

    /// The last lines it wrote, the oldest first.
    var recentLines: [String] { state.withLock { $0.log.recent } }

    /// What the conversations of its slots hold, as far as its log tells.
    var conversation: ConversationState { state.withLock { $0.conversations.state } }

    /// Whether it was told to end.
    var isAsked: Bool { state.withLock { $0.isAsked } }

    /// Tells it to end.
    func order(_ order: Order) {
        state.withLock { $0.isAsked = true }
        ordersIn.yield(order)
    }

    /// Tells it to end, kills it after `limit`, and returns when it is reaped.
    func stop(limit: Duration, clock: Timeline) async {
        order(.terminate)
        if await end(within: limit, clock: clock) == nil { order(.kill) }
        _ = await ended.value()
    }

    /// Waits for the process to end; `nil` when it lives on after `limit`.
    func end(within limit: Duration, clock: Timeline) async -> ChildEnd? {
        let end = await withTaskGroup(of: ChildEnd?.self) { group in
            group.addTask { await self.ended.valueUnlessCancelled() }
            group.addTask {
                try? await clock.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if let end { return end }
        // It may have ended and only wait to be reaped, on a machine with much else to do.
        guard let pid, SystemProcess.hasEnded(pid) else { return ended.current }
        return await ended.value()
    }

    /// Hands the process to whoever uses it: from now on its end is reported.
    ///
    /// - Returns: False when it has ended already; nothing will be reported then.
    func handOver(exited: @escaping @Sendable (String) -> Void) -> Bool {
        state.withLock { state in
            guard state.end == nil else { return false }
            state.exited = exited
            return true
        }
    }

    /// Runs the process; returns when it is reaped.
    ///
    /// - Parameter watch: What ends it should this process be killed.
    func run(under watch: ProcessGuard) async {
        guard !isAsked else { return finish(.neverStarted("it was called off")) }
        var how: ChildEnd.How
        do {
            let outcome = try await Subprocess.run(
                launch.configuration,
                input: .inputWriter,
                output: .sequence,
                error: .sequence
            ) { execution in
                await attend(execution, watch)
            }
            how =
                switch outcome.terminationStatus {
                case .exited(let code): .code(code)
                case .signaled(let signal): .signal(signal)
                }
        } catch {
            how = .neverStarted("\(error)")
        }
        if let pid { watch.forget(pid) }
        finish(how)
    }

    private func attend(
        _ execution: Execution<CustomWriteInput, SequenceOutput, SequenceOutput>,
        _ watch: ProcessGuard
    ) async {
        let pid = execution.processIdentifier.value
        watch.watch(pid)
        state.withLock { $0.pid = pid }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.obey(execution) }
            await withDiscardingTaskGroup { outputs in
                outputs.addTask {
                    await self.read(execution.standardOutput, limit: 1 << 20) { self.heard($0) }
                }
                outputs.addTask {
                    await self.read(execution.standardError, limit: 1 << 13) { self.logged($0) }
                }
            }
            // Both outputs are closed: the process has ended, or can never be heard again.
            try? execution.send(signal: .kill, toProcessGroup: true)
            ordersIn.finish()
        }
    }

    private func obey(
        _ execution: Execution<CustomWriteInput, SequenceOutput, SequenceOutput>
    ) async {
        for await order in orders {
            switch order {
            case .terminate:
                try? execution.send(signal: .terminate)
                // A llama-server that is a child waits for its input before it exits. The end
                // of it would do, but makes it exit while it is being torn down, and crash.
                if spokeProtocol {
                    _ = try? await execution.standardInputWriter.write(StateLine.exit)
                } else {
                    try? await execution.standardInputWriter.finish()
                }
            case .kill:
                try? execution.send(signal: .kill, toProcessGroup: true)
            }
        }
    }

    private func read(
        _ output: SubprocessOutputSequence,
        limit: Int,
        _ body: (String) -> Void
    ) async {
        var lines = LineSplitter(limit: limit)
        do {
            for try await buffer in output {
                // The pointer is to bytes that live until the call returns.
                unsafe buffer.withUnsafeBytes { unsafe lines.append($0, body) }
            }
        } catch {
            logger.debug("Output could not be read", metadata: ["error": "\(error)"])
        }
        lines.finish(body)
    }

    private func heard(_ line: String) {
        guard let message = StateLine(line) else { return logged(line) }
        switch message {
        case .loading(let fraction):
            // A later stage may begin below the end of the one before.
            let reached = state.withLock { state in
                state.spokeProtocol = true
                state.fraction = max(state.fraction, fraction)
                return state.fraction
            }
            progress(reached)
        case .ready(let report):
            state.withLock { $0.spokeProtocol = true }
            ready.fulfil(report)
        case .other:
            state.withLock { $0.spokeProtocol = true }
        }
    }

    private func logged(_ line: String) {
        guard !line.isEmpty else { return }
        state.withLock { state in
            state.log.append(line)
            state.conversations.read(line)
        }
        let level = FailureDiagnosis.level(of: line)
        logger.log(level: level == "E" || level == "W" ? .debug : .trace, "\(line)")
    }

    private func finish(_ how: ChildEnd.How) {
        ordersIn.finish()
        SystemFolder.remove(socket)
        let (end, exited, lines) = state.withLock { state in
            state.pid = nil
            let end = ChildEnd(how: how, wasAsked: state.isAsked)
            // Under the lock, so that nobody hands over a process that has ended.
            state.end = end
            return (end, end.wasAsked ? nil : state.exited, state.log.recent)
        }
        // Outside the lock: those who wait may go on at once, and ask for what it guards.
        ended.fulfil(end)
        ready.fulfil(nil)
        guard let exited else { return }
        exited("Its llama-server \(FailureDiagnosis.exit(end, lines: lines)).")
    }
}
