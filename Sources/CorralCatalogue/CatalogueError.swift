/// Why a model could not be found, or not be used as it was asked for.
///
/// Catch one kind with its code: `catch CatalogueError.Code.unknownModel { … }`.
package struct CatalogueError: Error, Hashable, Sendable {
    /// The kind of failure.
    package var code: Code

    /// The name, folder or role the sentence is about.
    package var subject: String

    /// The names that may have been meant, the likeliest first.
    package var suggestions: [String]

    /// One sentence or two: what is wrong, what was expected, what to do.
    package var message: String

    /// Describes a failure.
    ///
    /// - Parameters:
    ///   - code: What went wrong.
    ///   - subject: The name, folder or role the message is about.
    ///   - suggestions: The names that may have been meant, the likeliest first.
    ///   - message: One sentence a person can act on.
    package init(
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
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name, as a program may log it.
        package let description: String

        private init(_ name: String) { description = name }

        /// No model is called so.
        package static let unknownModel = Code("unknown_model")
        /// Several models could be meant.
        package static let ambiguousName = Code("ambiguous_name")
        /// The file is there, but it cannot be used.
        package static let unusableFile = Code("unusable_file")
        /// The model cannot play the role.
        package static let wrongRole = Code("wrong_role")
        /// A folder cannot be read.
        package static let unreadableFolder = Code("unreadable_folder")

        /// Lets `catch CatalogueError.Code.unknownModel` name what is caught.
        package static func ~= (code: Code, error: any Error) -> Bool {
            (error as? CatalogueError)?.code == code
        }
    }
}

extension CatalogueError: CustomStringConvertible {
    /// The message.
    package var description: String { message }
}
