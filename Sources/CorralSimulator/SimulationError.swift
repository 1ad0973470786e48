/// Why a workload cannot be read or replayed.
public struct SimulationError: Error, Hashable, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code as programs read it, in snake case.
        public let description: String

        private init(_ description: String) { self.description = description }

        /// Matches an error of this kind in a `catch` clause.
        public static func ~= (code: Code, error: any Error) -> Bool {
            (error as? SimulationError)?.code == code
        }

        /// A line of a workload is not as it has to be.
        public static let badLine = Code("bad_line")
        /// A column that was asked for, or is always needed, is missing.
        public static let missingColumn = Code("missing_column")
        /// The compressed bytes are damaged.
        public static let badCompression = Code("bad_compression")
        /// A model needs more than the budget.
        public static let tooLarge = Code("too_large")
        /// No policy has that name.
        public static let unknownPolicy = Code("unknown_policy")
        /// There is nothing to replay.
        public static let empty = Code("empty")
    }

    /// The kind of failure.
    public var code: Code

    /// One sentence: what was wrong, what was expected, what to do.
    public var message: String

    /// The line of the file, from 1, where a line was the matter.
    public var line: Int?

    /// Creates an error.
    public init(_ code: Code, _ message: String, line: Int? = nil) {
        self.code = code
        self.message = message
        self.line = line
    }

    /// See ``Code/badLine``.
    public static var badLine: Code { .badLine }
    /// See ``Code/missingColumn``.
    public static var missingColumn: Code { .missingColumn }
    /// See ``Code/badCompression``.
    public static var badCompression: Code { .badCompression }
    /// See ``Code/tooLarge``.
    public static var tooLarge: Code { .tooLarge }
    /// See ``Code/unknownPolicy``.
    public static var unknownPolicy: Code { .unknownPolicy }
    /// See ``Code/empty``.
    public static var empty: Code { .empty }
}

extension SimulationError: CustomStringConvertible {
    /// The message, with the line where there is one.
    public var description: String { line.map { "Line \($0): \(message)" } ?? message }
}
