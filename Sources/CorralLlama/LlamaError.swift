import CorralPlanner

/// Why llama.cpp, inside this process, could not load a model or do what it was asked.
///
/// Catch one kind with its code: `catch LlamaError.Code.contextOverflow { … }`.
public struct LlamaError: Error, Hashable, Sendable {
    /// What went wrong.
    public var code: Code

    /// One sentence or two: what was wrong, what was expected, what to do.
    public var message: String

    /// What llama.cpp logged as errors meanwhile, the oldest first.
    public var logLines: [String]

    /// Describes a failure.
    ///
    /// - Parameters:
    ///   - code: What went wrong.
    ///   - message: What a person needs to know, and what to do.
    ///   - logLines: What llama.cpp logged.
    public init(_ code: Code, _ message: String, logLines: [String] = []) {
        self.code = code
        self.message = message
        self.logLines = logLines
    }
}

extension LlamaError {
    /// The kinds of failure, open for more.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code as programs read it, in snake case.
        public let description: String

        private init(_ name: String) { description = name }

        /// The file is damaged, incomplete or not GGUF.
        public static let corruptFile = Code("corrupt_file")
        /// The file became shorter while it was in use; the model is gone.
        public static let fileChanged = Code("file_changed")
        /// The file is well formed, but this llama.cpp cannot run such a model.
        public static let unsupportedModel = Code("unsupported_model")
        /// The model cannot play the role, as an embedding model that is asked to chat.
        public static let wrongRole = Code("wrong_role")
        /// The model's chat template is none that llama.cpp's library knows.
        public static let unsupportedTemplate = Code("unsupported_template")
        /// An option makes no sense, or not for this model.
        public static let badArgument = Code("bad_argument")
        /// The grammar cannot be parsed.
        public static let badGrammar = Code("bad_grammar")
        /// A prompt or a text has more tokens than there is room for.
        public static let contextOverflow = Code("context_overflow")
        /// Memory did not suffice, on the host or a device.
        public static let outOfMemory = Code("out_of_memory")
        /// The load failed in a way that is none of the above.
        public static let loadFailed = Code("load_failed")
        /// llama.cpp could not compute a batch.
        public static let computeFailed = Code("compute_failed")
        /// The load was abandoned.
        public static let cancelled = Code("cancelled")
        /// The model has been unloaded.
        public static let unloaded = Code("unloaded")
        /// A saved conversation belongs to another model, other options or another llama.cpp.
        public static let stateMismatch = Code("state_mismatch")
        /// A saved conversation cannot be read or written, or is damaged.
        public static let stateUnusable = Code("state_unusable")

        /// Lets `catch LlamaError.Code.contextOverflow` name what is caught.
        public static func ~= (code: Code, error: any Error) -> Bool {
            (error as? LlamaError)?.code == code
        }
    }
}

extension LlamaError: CustomStringConvertible {
    /// The message, then the last of what llama.cpp logged.
    public var description: String {
        LlamaProblem.text(message, lines: logLines, heading: "llama.cpp said")
    }
}

extension LlamaError {
    static func unloaded(_ path: String) -> LlamaError {
        LlamaError(.unloaded, "\(path) has been unloaded; take a new lease.")
    }

    /// Why a load failed, told from what llama.cpp (b11434) logged.
    static func load(of path: String, lines: [String]) -> LlamaError {
        for line in lines {
            guard let problem = LlamaProblem(in: line) else { continue }
            let code: Code =
                switch problem {
                case .outOfMemory: .outOfMemory
                case .unsupportedModel: .unsupportedModel
                case .corruptFile: .corruptFile
                case .badArgument: .badArgument
                }
            return LlamaError(
                code,
                "llama.cpp could not load \(path): \(line). \(problem.advice)",
                logLines: lines
            )
        }
        return LlamaError(.loadFailed, "llama.cpp could not load \(path).", logLines: lines)
    }
}
