import CorralCache
import Synchronization

/// The processes of one engine, each run by a child task of ``run(under:)``.
final class ChildRoster: Sendable {
    private struct State {
        var nextID = 0
        var living: [Int: ChildProcess] = [:]
    }

    private let state = Mutex(State())
    private let entries: AsyncStream<(id: Int, child: ChildProcess)>
    private let entriesIn: AsyncStream<(id: Int, child: ChildProcess)>.Continuation

    init() { (entries, entriesIn) = AsyncStream.makeStream() }

    /// Has a process run.
    ///
    /// - Returns: False once the roster is closed.
    func add(_ child: ChildProcess) -> Bool {
        let id = state.withLock { state in
            state.nextID += 1
            state.living[state.nextID] = child
            return state.nextID
        }
        if case .enqueued = entriesIn.yield((id, child)) { return true }
        state.withLock { _ = $0.living.removeValue(forKey: id) }
        return false
    }

    /// Takes no more processes, and tells those there are to end.
    func close() {
        entriesIn.finish()
        for child in living { child.order(.terminate) }
    }

    /// Ends all processes; returns when the last is reaped.
    func stopAll(limit: Duration, clock: Timeline) async {
        await withDiscardingTaskGroup { group in
            for child in living {
                group.addTask { await child.stop(limit: limit, clock: clock) }
            }
        }
    }

    /// Runs the processes; returns when the roster is closed and the last is reaped.
    func run(under watch: ProcessGuard) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await watch.run() }
            await withDiscardingTaskGroup { processes in
                for await (id, child) in entries {
                    processes.addTask {
                        await child.run(under: watch)
                        self.state.withLock { _ = $0.living.removeValue(forKey: id) }
                    }
                }
            }
            watch.finish()
        }
    }

    private var living: [ChildProcess] {
        state.withLock { state in state.living.keys.sorted().compactMap { state.living[$0] } }
    }
}
