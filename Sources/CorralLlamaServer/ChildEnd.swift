/// How a child process ended.
struct ChildEnd: Equatable, Sendable {
    /// The ways to end.
    enum How: Equatable, Sendable {
        /// By itself, with a code.
        case code(Int32)
        /// By a signal.
        case signal(Int32)
        /// The process was never started.
        case neverStarted(String)
    }

    /// How it ended.
    var how: How

    /// Whether it had been told to.
    var wasAsked: Bool
}

extension ChildEnd: CustomStringConvertible {
    /// What follows "it": `exited with code 1`.
    var description: String {
        switch how {
        case .code(let code): "exited with code \(code)"
        case .signal(let number): "was ended by signal \(number)\(Self.name(of: number))"
        case .neverStarted(let reason): "could not be started (\(reason))"
        }
    }

    /// The names of the signals processes die of; the numbers are the same on Linux and macOS
    /// but for SIGBUS.
    private static func name(of signal: Int32) -> String {
        switch signal {
        case 2: " (interrupt)"
        case 4: " (illegal instruction)"
        case 6: " (abort)"
        case 7, 10: " (bus error)"
        case 8: " (arithmetic error)"
        case 9: " (kill)"
        case 11: " (segmentation fault)"
        case 15: " (terminate)"
        default: ""
        }
    }
}
