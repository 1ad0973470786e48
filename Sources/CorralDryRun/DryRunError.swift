/// Why llama.cpp could not be asked what a model takes, or what it had against the question.
///
/// Catch one kind with its code: `catch DryRunError.Code.crashed { … }`.
package struct DryRunError: Error, Hashable, Sendable {
    /// What went wrong.
    package var code: Code

    /// One sentence: what is wrong, what was expected, what to do.
    package var message: String

    /// The last lines the helper wrote, the oldest first.
    package var logLines: [String]

    /// Describes a failure.
    ///
    /// - Parameters:
    ///   - code: What went wrong.
    ///   - message: One sentence a person can act on.
    ///   - logLines: The last lines the helper wrote.
    package init(_ code: Code, _ message: String, logLines: [String] = []) {
        self.code = code
        self.message = message
        self.logLines = logLines
    }
}

extension DryRunError {
    /// The kinds of failure, open for more.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code as programs read it, in snake case.
        package let description: String

        private init(_ name: String) { description = name }

        /// The helper is not there, cannot be started, or was built without llama.cpp: plans are
        /// analytic.
        package static let unavailable = Code("unavailable")
        /// llama.cpp does not load the file.
        package static let modelRefused = Code("model_refused")
        /// llama.cpp creates no such context; others may still be asked for.
        package static let contextRefused = Code("context_refused")
        /// The helper did not understand the request.
        package static let invalidRequest = Code("invalid_request")
        /// What was answered is not what the helper says.
        package static let invalidAnswer = Code("invalid_answer")
        /// llama.cpp crashed, or an assertion of it failed.
        package static let crashed = Code("crashed")
        /// There was no answer within the limit of time.
        package static let timedOut = Code("timed_out")
        /// States that are really allocated would take, or took, more than the limit of memory.
        package static let tooLarge = Code("too_large")
        /// A file to stand in for the model could not be made.
        package static let noStandIn = Code("no_stand_in")

        /// Lets `catch DryRunError.Code.crashed` name what is caught.
        package static func ~= (code: Code, error: any Error) -> Bool {
            (error as? DryRunError)?.code == code
        }
    }

    /// True where the helper still answers other questions about the same model.
    package var leavesHelperAlive: Bool { code == .contextRefused || code == .invalidRequest }
}

extension DryRunError: CustomStringConvertible {
    /// The message, then the last of the lines the helper wrote.
    package var description: String {
        guard !logLines.isEmpty else { return message }
        return message + " Its last lines:\n"
            + logLines.suffix(8).map { "  \($0)" }.joined(separator: "\n")
    }
}
