/// The llama.cpp that answers.
package struct DryRunEngine: Codable, Hashable, Sendable {
    /// Its version, such as `0.6.0`.
    package var version: String

    /// Its build's number; `nil` where the build does not tell.
    package var build: Int?

    /// Describes an engine.
    ///
    /// - Parameters:
    ///   - version: Its version.
    ///   - build: Its build's number.
    package init(version: String, build: Int?) {
        self.version = version
        self.build = build
    }
}

extension DryRunEngine: CustomStringConvertible {
    /// The engine as reports name it, such as `llama.cpp b11434 (0.6.0)`.
    package var description: String {
        "llama.cpp " + (build.map { "b\($0) (\(version))" } ?? version)
    }
}
