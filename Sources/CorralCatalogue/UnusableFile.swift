/// A file or folder that was found but gives no model, and why.
public struct UnusableFile: Hashable, Sendable {
    /// The path.
    public var path: String

    /// One sentence: what is wrong, what to do.
    public var reason: String

    /// Whether the file is of a kind that is no model by itself (a projector, an
    /// adapter), rather than damaged.
    public var isHelper: Bool

    /// Describes a file.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - reason: One sentence: what is wrong, what to do.
    ///   - isHelper: Whether it is of a kind that is no model by itself.
    public init(path: String, reason: String, isHelper: Bool = false) {
        self.path = path
        self.reason = reason
        self.isHelper = isHelper
    }
}
