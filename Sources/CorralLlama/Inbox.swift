import Dispatch
import Synchronization

/// What a context's thread is asked to do, in the order it was asked.
final class Inbox: Sendable {
    /// Names a request or a job.
    typealias ID = UInt64

    enum Command: Sendable {
        case reply(ReplyRequest)
        case texts(TextJob)
        case state(StateJob)
        case count(String, CheckedContinuation<Int, any Error>)
        case cancel(ID)
        /// The reader of an answer wants more, after it had enough.
        case resume(ID)
    }

    private struct State {
        var commands: [Command] = []
        var isClosing = false
        var isClosed = false
        var lastID: ID = 0
        /// The requests that the batch being computed is for.
        var computing: Set<ID> = []
    }

    /// Set while the batch that is being computed is for no request any more.
    let abandon = AbandonFlag()
    private let state = Mutex(State())
    private let bell = DispatchSemaphore(value: 0)

    func newID() -> ID {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    /// Adds a command.
    ///
    /// - Returns: False where the thread ends, or has ended.
    func send(_ command: Command) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isClosed, !state.isClosing else { return false }
            state.commands.append(command)
            if case .cancel(let id) = command, state.computing.remove(id) != nil,
                state.computing.isEmpty
            {
                abandon.set(true)
            }
            return true
        }
        if isTaken { bell.signal() }
        return isTaken
    }

    /// Asks the thread to end as soon as it can.
    func close() {
        state.withLock { state in
            state.isClosing = true
            abandon.set(true)
        }
        bell.signal()
    }

    // MARK: For the thread

    /// Takes the commands that came since; blocks until there is one where `waiting`.
    ///
    /// - Returns: The commands; `nil` when the thread is to end.
    func take(waiting: Bool) -> [Command]? {
        while true {
            let (commands, isClosing) = state.withLock { state in
                defer { state.commands = [] }
                return (state.commands, state.isClosing)
            }
            if isClosing {
                // Left there for `finish`, whose caller refuses them.
                state.withLock { $0.commands = commands + $0.commands }
                return nil
            }
            if !commands.isEmpty || !waiting { return commands }
            bell.wait()
        }
    }

    /// A batch for some requests is about to be computed.
    func began(for ids: some Sequence<ID>) {
        state.withLock { state in
            state.computing = Set(ids)
            for case .cancel(let id) in state.commands { state.computing.remove(id) }
            abandon.set(state.computing.isEmpty || state.isClosing)
        }
    }

    /// The batch was computed.
    func finishedBatch() {
        state.withLock { state in
            state.computing = []
            abandon.set(state.isClosing)
        }
    }

    /// Closes the inbox for good, and takes the commands that nobody will carry out.
    func finish() -> [Command] {
        state.withLock { state in
            state.isClosed = true
            defer { state.commands = [] }
            return state.commands
        }
    }
}

/// A condition that comes to hold once, and that any number of tasks wait for.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var isOpen: Bool { state.withLock(\.isOpen) }

    func open() {
        let waiting = state.withLock { state in
            guard !state.isOpen else { return [CheckedContinuation<Void, Never>]() }
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func passed() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
