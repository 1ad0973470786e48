/// Why llama.cpp could not be asked what a model takes, or what it had against the question.
///
/// Catch one kind with its code: `catch DryRunError.Code.crashed { … }`.
public struct DryRunError: Error, Hashable, Sendable {
    /// What went wrong.
    public var code: Code

    /// One sentence: what is wrong, what was expected, what to do.
    public var message: String

    /// The last lines the helper wrote, the oldest first.
    public var logLines: [String]

    /// Describes a failure.
    ///
    /// - Parameters:
    ///   - code: What went wrong.
    ///   - message: One sentence a person can act on.
    ///   - logLines: The last lines the helper wrote.
    public init(_ code: Code, _ message: String, logLines: [String] = []) {
        self.code = code
        self.message = message
        self.logLines = logLines
    }
}

extension DryRunError {
    /// The kinds of failure, open for more.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code as programs read it, in snake case.
        public let description: String

        private init(_ name: String) { description = name }

        /// The helper is not there, cannot be started, or was built without llama.cpp: plans are
        /// analytic.
        public static let unavailable = Code("unavailable")
        /// llama.cpp does not load the file.
        public static let modelRefused = Code("model_refused")
        /// llama.cpp creates no such context; others may still be asked for.
        public static let contextRefused = Code("context_refused")
        /// The helper did not understand the request.
        public static let invalidRequest = Code("invalid_request")
        /// What was answered is not what the helper says.
        public static let invalidAnswer = Code("invalid_answer")
        /// llama.cpp crashed, or an assertion of it failed.
        public static let crashed = Code("crashed")
        /// There was no answer within the limit of time.
        public static let timedOut = Code("timed_out")
        /// States that are really allocated would take, or took, more than the limit of memory.
        public static let tooLarge = Code("too_large")
        /// A file to stand in for the model could not be made.
        public static let noStandIn = Code("no_stand_in")

        /// Lets `catch DryRunError.Code.crashed` name what is caught.
        public static func ~= (code: Code, error: any Error) -> Bool {
            (error as? DryRunError)?.code == code
        }
    }

    /// True where the helper still answers other questions about the same model.
    public var leavesHelperAlive: Bool { code == .contextRefused || code == .invalidRequest }
}

extension DryRunError: CustomStringConvertible {
    /// The message, then the last of the lines the helper wrote.
    public var description: String {
        guard !logLines.isEmpty else { return message }
        return message + " Its last lines:\n"
            + logLines.suffix(8).map { "  \($0)" }.joined(separator: "\n")
    }
}
