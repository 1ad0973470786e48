import Subprocess

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// A program to start, as text alone.
struct Launch: Sendable {
    var program: String
    var arguments: [String]
    var environment: [String: String]

    /// The environment as swift-subprocess takes it.
    ///
    /// In a process group of its own: an interrupt typed in the terminal is for the daemon,
    /// which drains before it ends its children.
    var configuration: Configuration {
        var options = PlatformOptions()
        options.processGroupID = 0
        let variables = environment.map { (Environment.Key(stringLiteral: $0), $1) }
        return Configuration(
            executable: .path(FilePath(program)),
            arguments: Arguments(arguments),
            environment: .custom(Dictionary(uniqueKeysWithValues: variables)),
            platformOptions: options
        )
    }
}
