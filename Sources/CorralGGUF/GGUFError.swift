/// Why a GGUF file could not be read, and where in it reading stopped.
///
/// Catch one kind with its code: `catch GGUFError.Code.truncated { … }`.
public struct GGUFError: Error, Hashable, Sendable {
    /// What went wrong.
    public var code: Code

    /// The byte of the file that is wrong, counted from its first; for a truncated file the first
    /// byte of what is incomplete.
    public var byteOffset: UInt64

    /// The file, where it is known.
    public var path: String?

    /// The key, tensor or file the sentence is about, where there is one.
    public var subject: String?

    /// One sentence: what is wrong, what was expected, what to do.
    public var message: String

    /// Describes a failure.
    ///
    /// - Parameters:
    ///   - code: What went wrong.
    ///   - byteOffset: The byte of the file that is wrong.
    ///   - path: The file, where it is known.
    ///   - subject: The key, tensor or file the message is about.
    ///   - message: One sentence a person can act on.
    public init(
        _ code: Code,
        at byteOffset: UInt64,
        path: String? = nil,
        subject: String? = nil,
        _ message: String
    ) {
        self.code = code
        self.byteOffset = byteOffset
        self.path = path
        self.subject = subject
        self.message = message
    }
}

extension GGUFError: CustomStringConvertible {
    /// `model.gguf: the sentence (truncated at byte 24)`.
    public var description: String {
        let place = "\(message) (\(code) at byte \(byteOffset))"
        return path.map { "\($0): \(place)" } ?? place
    }
}
