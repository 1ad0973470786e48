/// When a slow command is run, waited for, given up: decided without a clock.
///
/// An answer up to a second old is used as it is. An older one starts the command, which
/// is waited for at most 150 ms (`nvidia-smi` takes 20 to 100 where the driver is awake);
/// after that the old answer is used, and the new one collected at a later question.
/// With no answer yet there is nothing else to say, so the first question waits as
/// long as the command may run at all.
struct RefreshSchedule: Equatable {
    /// What to do for a question.
    enum Step: Equatable {
        /// Say what was last answered.
        case useAnswer
        /// Start the command, then ask again.
        case start
        /// Wait for the command this long, then say what is known.
        case wait(Duration)
        /// The command has run too long: end it, then say what is known.
        case stop
    }

    var freshness = Duration.seconds(1)
    var patience = Duration.milliseconds(150)
    var timeLimit = Duration.seconds(5)
    /// After a failure, as a driver that is being updated has for a while.
    var retryDelay = Duration.seconds(60)

    private var hasAnswer = false
    private var freshUntil: Duration?
    private var startedAt: Duration?

    /// What to do for a question asked at `now`, a time since any fixed start.
    func step(now: Duration) -> Step {
        if let startedAt {
            let left = startedAt + timeLimit - now
            guard left > .zero else { return .stop }
            return .wait(hasAnswer ? min(patience, left) : left)
        }
        guard let freshUntil, now < freshUntil else { return .start }
        return .useAnswer
    }

    /// The command was started.
    mutating func started(now: Duration) {
        startedAt = now
    }

    /// The command answered.
    mutating func answered(now: Duration) {
        startedAt = nil
        hasAnswer = true
        freshUntil = now + freshness
    }

    /// The command could not be run, said nothing of use, or was stopped.
    mutating func failed(now: Duration) {
        startedAt = nil
        freshUntil = now + retryDelay
    }
}
