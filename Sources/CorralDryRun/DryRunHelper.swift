internal import CorralMemory
internal import CorralPlanner
internal import Subprocess

#if canImport(System)
internal import System
#else
internal import SystemPackage
#endif

/// The program that asks llama.cpp what a model takes: `corral-dry-run`.
///
/// llama.cpp ends its process where an assertion of its own fails, so each question about a file is
/// a process of its own, bounded in time and memory.
package struct DryRunHelper: Sendable {
    /// The name of the program.
    package static let programName = "corral-dry-run"

    /// Where the program is.
    package let path: String

    /// Where libllama is, if the system's loader does not find it by itself.
    package let libraryFolders: [String]

    /// What one run may take.
    package let limits: DryRunLimits

    let sleep: @Sendable (Duration) async throws -> Void

    /// Names the program.
    ///
    /// - Parameters:
    ///   - path: Where it is.
    ///   - libraryFolders: Where libllama is, if the system's loader does not find it by itself.
    ///   - limits: What one run may take.
    ///   - clock: What the limit of time is measured with.
    package init(
        path: String,
        libraryFolders: [String] = [],
        limits: DryRunLimits = DryRunLimits(),
        clock: some Clock<Duration> = ContinuousClock()
    ) {
        self.path = path
        self.libraryFolders = libraryFolders
        self.limits = limits
        sleep = { try await clock.sleep(until: clock.now.advanced(by: $0), tolerance: nil) }
    }

    /// Where the program is installed: beside the one that uses it.
    ///
    /// - Parameter program: The path of the program that uses it.
    /// - Returns: The helper's path.
    package static func path(beside program: String) -> String {
        FilePath(program).removingLastComponent().appending(programName).string
    }

    /// The folders libllama may be in, given where a llama-server is: beside it, or in `lib` beside
    /// its folder.
    ///
    /// - Parameter llamaServer: The path of a llama-server, links resolved.
    /// - Returns: The folders, the likelier first.
    package static func libraryFolders(of llamaServer: String) -> [String] {
        let folder = FilePath(llamaServer).removingLastComponent()
        return [folder.removingLastComponent().appending("lib").string, folder.string]
    }

    func configuration(_ arguments: [String]) -> Configuration {
        var options = PlatformOptions()
        // Of its own, so that whatever it starts ends with it.
        options.processGroupID = 0
        #if canImport(Darwin)
        let variable: Environment.Key = "DYLD_LIBRARY_PATH"
        #else
        let variable: Environment.Key = "LD_LIBRARY_PATH"
        #endif
        // A crash's own lines are what is wanted of it, not Swift's account of every thread.
        var variables: [Environment.Key: String?] = ["SWIFT_BACKTRACE": "enable=no"]
        if !libraryFolders.isEmpty { variables[variable] = libraryFolders.joined(separator: ":") }
        return Configuration(
            executable: .path(FilePath(path)),
            arguments: Arguments(arguments),
            environment: .inherit.updating(variables),
            platformOptions: options
        )
    }
}
