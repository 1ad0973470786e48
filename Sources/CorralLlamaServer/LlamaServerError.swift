import CorralPlanner

/// Why a llama-server could not be started, could not load its model, or gave no answer.
///
/// Catch one kind with its code: `catch LlamaServerError.Code.outOfMemory { … }`.
public struct LlamaServerError: Error, Hashable, Sendable {
    /// What went wrong.
    public var code: Code

    /// One sentence or two: what was wrong, what was expected, what to do.
    public var message: String

    /// The last lines the process wrote, the oldest first; empty where none ran.
    public var logLines: [String]

    /// Describes a failure.
    ///
    /// - Parameters:
    ///   - code: What went wrong.
    ///   - message: What a person needs to know, and what to do.
    ///   - logLines: The last lines the process wrote.
    public init(_ code: Code, _ message: String, logLines: [String] = []) {
        self.code = code
        self.message = message
        self.logLines = logLines
    }
}

extension LlamaServerError {
    /// The kinds of failure, open for more.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code as programs read it, in snake case.
        public let description: String

        private init(_ name: String) { description = name }

        /// There is no such program, or it cannot be run.
        public static let programNotFound = Code("program_not_found")
        /// The program lacks an option that is needed.
        public static let programTooOld = Code("program_too_old")
        /// No private folder for sockets could be made.
        public static let noSocketFolder = Code("no_socket_folder")
        /// An option makes no sense, or llama-server refused it.
        public static let badArgument = Code("bad_argument")
        /// Memory did not suffice, on the host or a device.
        public static let outOfMemory = Code("out_of_memory")
        /// The file is well formed, but this build cannot run such a model.
        public static let unsupportedModel = Code("unsupported_model")
        /// The file is damaged, incomplete, missing, or not GGUF.
        public static let corruptFile = Code("corrupt_file")
        /// The model was not loaded within its deadline.
        public static let deadlineExceeded = Code("deadline_exceeded")
        /// The load was abandoned.
        public static let cancelled = Code("cancelled")
        /// The load failed in a way that is none of the above.
        public static let loadFailed = Code("load_failed")
        /// The process ended while it was in use.
        public static let exited = Code("exited")
        /// The model has been unloaded.
        public static let unloaded = Code("unloaded")
        /// The process lives, but did not answer as HTTP.
        public static let connectionFailed = Code("connection_failed")
        /// The engine has been shut down.
        public static let shutDown = Code("shut_down")

        /// Lets `catch LlamaServerError.Code.outOfMemory` name what is caught.
        public static func ~= (code: Code, error: any Error) -> Bool {
            (error as? LlamaServerError)?.code == code
        }
    }
}

extension LlamaServerError: CustomStringConvertible {
    /// The message, then the last of the lines the process wrote.
    public var description: String {
        LlamaProblem.text(message, lines: logLines, heading: "llama-server's last lines")
    }
}
