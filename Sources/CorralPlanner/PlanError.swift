/// Why a model cannot be planned, or not with the options given.
///
/// Catch one kind with its code: `catch PlanError.Code.invalidKey { … }`.
public struct PlanError: Error, Hashable, Sendable {
    /// What went wrong.
    public var code: Code

    /// The metadata key or the option the sentence is about, such as `llama.block_count`.
    public var subject: String?

    /// One sentence: what is wrong, what was expected, what to do.
    public var message: String

    /// Describes a failure.
    ///
    /// - Parameters:
    ///   - code: What went wrong.
    ///   - subject: The metadata key or the option the message is about.
    ///   - message: One sentence a person can act on.
    public init(_ code: Code, subject: String? = nil, _ message: String) {
        self.code = code
        self.subject = subject
        self.message = message
    }
}

extension PlanError {
    /// The kinds of failure, open for more.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name, as a program may log it.
        public let description: String

        private init(_ name: String) { description = name }

        /// The metadata lacks a key without which nothing can be planned.
        public static let missingKey = Code("missingKey")
        /// A key's value has the wrong type, a wrong length, or a size no model has.
        public static let invalidKey = Code("invalidKey")
        /// The file is not a model llama.cpp can load by itself.
        public static let notAModel = Code("notAModel")
        /// An option is out of range, or contradicts another or the model.
        public static let unsupportedOption = Code("unsupportedOption")

        /// Lets `catch PlanError.Code.missingKey` name what is caught.
        public static func ~= (code: Code, error: any Error) -> Bool {
            (error as? PlanError)?.code == code
        }
    }
}

extension PlanError: CustomStringConvertible {
    /// The sentence and the code.
    public var description: String { "\(message) (\(code))" }
}
