package import CorralDryRun
import Foundation

/// Finds the program that asks llama.cpp what a model takes.
package struct DryRunFinder {
    /// The variable that names another than the one beside this program.
    static let variable = "CORRAL_DRY_RUN"

    /// Whether a path is a program that can be run.
    var isProgram: (String) -> Bool = { FileManager.default.isExecutableFile(atPath: $0) }

    /// This program's path, links resolved.
    var ownPath: String? = Bundle.main.executablePath.map {
        URL(fileURLWithPath: $0).resolvingSymlinksInPath().path
    }

    /// Creates a finder that looks beside this program.
    package init() {}

    /// Creates a finder that looks at what a test says.
    init(isProgram: @escaping (String) -> Bool, ownPath: String?) {
        self.isProgram = isProgram
        self.ownPath = ownPath
    }

    /// The helper: the one the environment names, else beside this program, else in `libexec`.
    ///
    /// - Parameter environment: Names the helper, and where llama-server is searched for: libllama
    ///   is beside it.
    /// - Returns: A helper that may be asked.
    /// - Throws: ``ConfigurationError/Code/missingHelper``.
    package func find(
        _ environment: UserEnvironment
    ) throws(ConfigurationError) -> DryRunHelper {
        guard let path = candidates(environment).first(where: isProgram) else {
            throw ConfigurationError(
                .missingHelper,
                """
                There is no \(DryRunHelper.programName) beside corral, so plans are analytic: \
                build with llama.cpp's headers (make build), or name the program in \(Self.variable).
                """
            )
        }
        return DryRunHelper(path: path, libraryFolders: libraryFolders(environment))
    }

    /// The paths the program may have, the likeliest first.
    func candidates(_ environment: UserEnvironment) -> [String] {
        if let named = environment[Self.variable] { return [environment.path(named)] }
        guard let ownPath else { return [] }
        let folder = (ownPath as NSString).deletingLastPathComponent
        let libexec = (folder as NSString).deletingLastPathComponent + "/libexec/corral"
        return [
            DryRunHelper.path(beside: ownPath), "\(libexec)/\(DryRunHelper.programName)",
        ]
    }

    private func libraryFolders(_ environment: UserEnvironment) -> [String] {
        let wanted = environment[Setting.llamaServer.variable].map {
            (path: $0, source: SettingSource.standard)
        }
        guard let server = try? LlamaServerFinder().find(wanted, environment) else { return [] }
        let program = URL(fileURLWithPath: server).resolvingSymlinksInPath().path
        return DryRunHelper.libraryFolders(of: program)
    }
}
