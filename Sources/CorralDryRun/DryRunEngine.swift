/// The llama.cpp that answers.
public struct DryRunEngine: Codable, Hashable, Sendable {
    /// Its version, such as `0.6.0`.
    public var version: String

    /// Its build's number; `nil` where the build does not tell.
    public var build: Int?

    /// Describes an engine.
    ///
    /// - Parameters:
    ///   - version: Its version.
    ///   - build: Its build's number.
    public init(version: String, build: Int?) {
        self.version = version
        self.build = build
    }
}

extension DryRunEngine: CustomStringConvertible {
    /// The engine as reports name it, such as `llama.cpp b11434 (0.6.0)`.
    public var description: String {
        "llama.cpp " + (build.map { "b\($0) (\(version))" } ?? version)
    }
}
