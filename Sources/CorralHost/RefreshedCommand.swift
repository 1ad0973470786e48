#if os(Linux)
internal import Synchronization

/// A command whose last answer is kept and renewed by its ``RefreshSchedule``.
final class RefreshedCommand: Sendable {
    private struct State {
        var schedule: RefreshSchedule
        var answer: [UInt8] = []
        var child: ChildOutput?
        var unreaped: [ChildOutput] = []
    }

    private let paths: [String]
    private let arguments: [String]
    private let now: @Sendable () -> Duration
    private let isAnswer: @Sendable ([UInt8]) -> Bool
    private let state: Mutex<State>

    /// Prepares a command; nothing runs before the first question.
    ///
    /// - Parameters:
    ///   - paths: Where the command may be; the first that runs is taken.
    ///   - arguments: Its arguments, without its name.
    ///   - schedule: When it is run again.
    ///   - now: The time since any fixed start.
    ///   - isAnswer: Whether an output is one, an error message is not.
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

    /// The command's output, as fresh as the schedule has it; empty until it answered.
    func output() -> [UInt8] {
        state.withLock { state in
            state.unreaped.removeAll { $0.isReaped() }
            while true {
                switch state.schedule.step(now: now()) {
                case .useAnswer: return state.answer
                case .start:
                    guard let child = ChildOutput(paths: paths, arguments: arguments) else {
                        state.schedule.failed(now: now())
                        return state.answer
                    }
                    state.child = child
                    state.schedule.started(now: now())
                case .wait(let duration):
                    guard let output = state.child?.finished(within: duration) else {
                        if case .stop = state.schedule.step(now: now()) { continue }
                        return state.answer
                    }
                    Self.end(&state)
                    guard isAnswer(output) else {
                        state.schedule.failed(now: now())
                        return state.answer
                    }
                    state.answer = output
                    state.schedule.answered(now: now())
                    return output
                case .stop:
                    Self.end(&state)
                    state.schedule.failed(now: now())
                    return state.answer
                }
            }
        }
    }

    /// Ends the child; one that is stuck in the driver is reaped at a later question.
    private static func end(_ state: inout State) {
        guard let child = state.child.take() else { return }
        child.end()
        if !child.isReaped() { state.unreaped.append(child) }
    }
}
#endif
