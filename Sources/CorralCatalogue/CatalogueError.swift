/// Why a model could not be found, or not be used as it was asked for.
///
/// Catch one kind with its code: `catch CatalogueError.Code.unknownModel { … }`.
public struct CatalogueError: Error, Hashable, Sendable {
    /// What went wrong.
    public var code: Code

    /// The name, folder or role the sentence is about.
    public var subject: String

    /// The names that may have been meant, the likeliest first.
    public var suggestions: [String]

    /// One sentence or two: what is wrong, what was expected, what to do.
    public var message: String

    /// Describes a failure.
    ///
    /// - Parameters:
    ///   - code: What went wrong.
    ///   - subject: The name, folder or role the message is about.
    ///   - suggestions: The names that may have been meant, the likeliest first.
    ///   - message: One sentence a person can act on.
    public init(
        _ code: Code,
        subject: String,
        suggestions: [String] = [],
        _ message: String
    ) {
        self.code = code
        self.subject = subject
        self.suggestions = suggestions
        self.message = message
    }
}

extension CatalogueError {
    /// The kinds of failure, open for more.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name, as a program may log it.
        public let description: String

        private init(_ name: String) { description = name }

        /// No model is called so.
        public static let unknownModel = Code("unknown_model")
        /// Several models could be meant.
        public static let ambiguousName = Code("ambiguous_name")
        /// The file is there, but it cannot be used.
        public static let unusableFile = Code("unusable_file")
        /// The model cannot play the role.
        public static let wrongRole = Code("wrong_role")
        /// A folder cannot be read.
        public static let unreadableFolder = Code("unreadable_folder")

        /// Lets `catch CatalogueError.Code.unknownModel` name what is caught.
        public static func ~= (code: Code, error: any Error) -> Bool {
            (error as? CatalogueError)?.code == code
        }
    }
}

extension CatalogueError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}
