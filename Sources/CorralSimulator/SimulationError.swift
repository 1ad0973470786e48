/// Why a workload cannot be read or replayed.
package struct SimulationError: Error, Hashable, Sendable {
    /// The kind of failure.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code as programs read it, in snake case.
        package let description: String

        private init(_ description: String) { self.description = description }

        /// Matches an error of this kind in a `catch` clause.
        package static func ~= (code: Code, error: any Error) -> Bool {
            (error as? SimulationError)?.code == code
        }

        /// A line of a workload is not as it has to be.
        package static let badLine = Code("bad_line")
        /// A column that was asked for, or is always needed, is missing.
        package static let missingColumn = Code("missing_column")
        /// The compressed bytes are damaged.
        package static let badCompression = Code("bad_compression")
        /// A model needs more than the budget.
        package static let tooLarge = Code("too_large")
        /// No policy has that name.
        package static let unknownPolicy = Code("unknown_policy")
        /// There is nothing to replay.
        package static let empty = Code("empty")
    }

    /// The kind of failure.
    package var code: Code

    /// One sentence: what was wrong, what was expected, what to do.
    package var message: String

    /// The line of the file, from 1, where a line was the matter.
    package var line: Int?

    /// Creates an error.
    package init(_ code: Code, _ message: String, line: Int? = nil) {
        self.code = code
        self.message = message
        self.line = line
    }
}

extension SimulationError: CustomStringConvertible {
    /// The message, with the line where there is one.
    package var description: String { line.map { "Line \($0): \(message)" } ?? message }
}
