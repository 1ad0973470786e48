/// Why a text is not a memory budget.
public struct MemoryBudgetError: Error, Hashable, Sendable {
    /// What kind of mistake it is.
    public struct Code: Hashable, Sendable {
        private let name: String

        /// Neither a share nor a size.
        public static let unreadable = Code(name: "unreadable")
        /// A share that is not above 0 and at most 100 %.
        public static let shareOutOfRange = Code(name: "shareOutOfRange")
        /// A size under 1 MiB.
        public static let tooSmall = Code(name: "tooSmall")

        /// Whether `error` is a budget error of this code, for `catch` patterns.
        public static func ~= (code: Code, error: any Error) -> Bool {
            (error as? MemoryBudgetError)?.code == code
        }
    }

    /// What kind of mistake it is.
    public var code: Code

    /// The text that was given.
    public var argument: String

    /// Creates an error.
    public init(code: Code, argument: String) {
        self.code = code
        self.argument = argument
    }
}

extension MemoryBudgetError: CustomStringConvertible {
    /// One sentence: what was given, and what to write instead.
    public var description: String {
        let form = "write a share such as 75% or 0.75, or a size such as 12GiB"
        return switch code {
        case .shareOutOfRange:
            "The memory budget “\(argument)” is not above 0% and at most 100%: \(form)."
        case .tooSmall:
            "The memory budget “\(argument)” is less than 1 MiB, so a unit is missing: \(form)."
        default: "The memory budget “\(argument)” is neither a share nor a size: \(form)."
        }
    }
}
