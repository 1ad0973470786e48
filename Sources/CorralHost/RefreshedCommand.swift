#if os(Linux)
internal import Dispatch
internal import Synchronization

/// A command whose last answer is kept, and renewed on a thread of its own.
///
/// ``RefreshSchedule`` says when. Nobody waits for another's question: a question waits for the
/// command itself, and for that no longer than the schedule's patience.
final class RefreshedCommand: Sendable {
    private struct State {
        var schedule: RefreshSchedule
        var answer: [UInt8] = []
        /// Left when the command that runs now has ended.
        var running: DispatchGroup?
        /// Commands that were ended and are still in the process table: stuck in a driver.
        var unreaped: [ChildOutput] = []
    }

    private let paths: [String]
    private let arguments: [String]
    private let now: @Sendable () -> Duration
    private let isAnswer: @Sendable ([UInt8]) -> Bool
    private let thread = BlockingThread("corral.command")
    private let state: Mutex<State>

    /// Prepares a command; nothing runs before the first question.
    ///
    /// - Parameters:
    ///   - paths: Where the command may be; the first that runs is taken.
    ///   - arguments: Its arguments, without its name.
    ///   - schedule: When it is run again, and how long it is waited for.
    ///   - now: The time since any fixed start.
    ///   - isAnswer: Tells an answer from an error message.
    init(
        paths: [String],
        arguments: [String],
        schedule: RefreshSchedule = RefreshSchedule(),
        now: @escaping @Sendable () -> Duration = RefreshedCommand.clock(),
        isAnswer: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.paths = paths
        self.arguments = arguments
        self.now = now
        self.isAnswer = isAnswer
        state = Mutex(State(schedule: schedule))
    }

    /// The time since this call, by a clock that nothing sets back.
    static func clock() -> @Sendable () -> Duration {
        let start = ContinuousClock.now
        return { ContinuousClock.now - start }
    }

    /// The command's output, as fresh as the schedule has it; empty until it has answered.
    ///
    /// Blocks for as long as the schedule says: not to be called on an event loop.
    func output() -> [UInt8] {
        let (answer, running, patience) = state.withLock { state in
            let needsRun = state.schedule.step(now: now()) == .run && state.running == nil
            if needsRun {
                let group = DispatchGroup()
                group.enter()
                state.running = group
                thread.start {
                    self.run()
                    group.leave()
                }
            }
            return (state.answer, state.running, state.schedule.patience)
        }
        guard let running else { return answer }
        let nanoseconds = Int(clamping: Int64(patience / .nanoseconds(1)))
        guard case .success = running.wait(timeout: .now() + .nanoseconds(nanoseconds)) else {
            return answer
        }
        return state.withLock { $0.answer }
    }

    /// Runs the command once, on the thread of its own.
    private func run() {
        let limit = state.withLock { $0.schedule.timeLimit }
        var child = ChildOutput(paths: paths, arguments: arguments)
        let output = child?.finished(within: limit)
        child?.end()
        state.withLock { state in
            state.running = nil
            if let child { state.unreaped.append(child) }
            state.unreaped.removeAll { $0.isReaped() }
            guard let output, isAnswer(output) else { return state.schedule.failed(now: now()) }
            state.answer = output
            state.schedule.answered(now: now())
        }
    }
}

/// When a slow command is run again and how long a question waits for it: decided without a clock.
///
/// An answer up to a second old is used as it is. For an older one the command is run, and waited
/// for at most 150 ms (`nvidia-smi` takes 20 to 100 where the driver is awake); after that the old
/// answer is used. With no answer yet there is nothing else to say, so the first question waits as
/// long as the command may run at all.
struct RefreshSchedule: Equatable {
    /// The two ways to go on from a question.
    enum Step: Equatable {
        /// The last answer is good enough.
        case useAnswer
        /// The command has to be run, unless it runs already.
        case run
    }

    var freshness = Duration.seconds(1)
    /// How long a question waits where there is an older answer.
    var renewalPatience = Duration.milliseconds(150)
    /// How long the command may run.
    var timeLimit = Duration.seconds(5)
    /// How long a command that failed is left alone: a driver that is being updated fails for a
    /// while.
    var retryDelay = Duration.seconds(60)

    private var hasAnswer = false
    private var freshUntil: Duration?

    /// How to go on from a question asked at `now`, a time since any fixed start.
    func step(now: Duration) -> Step {
        guard let freshUntil, now < freshUntil else { return .run }
        return .useAnswer
    }

    /// How long a question waits for a command that runs.
    var patience: Duration { hasAnswer ? min(renewalPatience, timeLimit) : timeLimit }

    /// The command answered.
    mutating func answered(now: Duration) {
        hasAnswer = true
        freshUntil = now + freshness
    }

    /// The command could not be run, said nothing of use, or took too long.
    mutating func failed(now: Duration) { freshUntil = now + retryDelay }
}
#endif
