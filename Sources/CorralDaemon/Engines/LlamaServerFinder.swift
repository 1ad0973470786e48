import Foundation

/// Finds the llama-server program.
package struct LlamaServerFinder {
    /// Whether a path is a program that can be run.
    var isProgram: (String) -> Bool = { FileManager.default.isExecutableFile(atPath: $0) }
    /// The names in a folder; none where it cannot be read.
    var names: (String) -> [String] = {
        (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? []
    }

    /// Creates a finder that looks at the disk.
    package init() {}

    /// Creates a finder that looks at what a test says.
    init(
        isProgram: @escaping (String) -> Bool,
        names: @escaping (String) -> [String]
    ) {
        self.isProgram = isProgram
        self.names = names
    }

    /// The path of the program that settings name, or of the first there is.
    ///
    /// - Throws: ``ConfigurationError/Code/missingServer``.
    package func find(
        _ settings: Settings,
        _ environment: UserEnvironment
    ) throws(ConfigurationError) -> String {
        let source = settings.sources.values[.llamaServer]?.source ?? .standard
        return try find(settings.llamaServer.map { ($0, source) }, environment)
    }

    /// The path of the program.
    ///
    /// - Parameters:
    ///   - wanted: The path that is set, with where it is set.
    ///   - environment: Names the folders to search.
    /// - Returns: A path that can be run.
    /// - Throws: ``ConfigurationError/Code/missingServer``.
    func find(
        _ wanted: (path: String, source: SettingSource)?,
        _ environment: UserEnvironment
    ) throws(ConfigurationError) -> String {
        if let wanted {
            guard isProgram(wanted.path) else {
                throw ConfigurationError(
                    .missingServer,
                    at: wanted.source,
                    "There is no program at \(wanted.path); name llama-server."
                )
            }
            return wanted.path
        }
        if let path = candidates(environment).first(where: isProgram) { return path }
        throw ConfigurationError(
            .missingServer,
            """
            llama-server was not found in PATH, in \(environment.cacheFolder)/llama.cpp, or where \
            Homebrew puts it. Install llama.cpp (brew install llama.cpp, or the scripts of this \
            project: make setup), or name it with --llama-server.
            """
        )
    }

    /// The paths the program may have, the likeliest first.
    func candidates(_ environment: UserEnvironment) -> [String] {
        let path = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let built = "\(environment.cacheFolder)/llama.cpp"
        let builds = names(built).sorted {
            $0.compare($1, options: .numeric) == .orderedDescending
        }
        let brew = ["/opt/homebrew", "/usr/local", "/home/linuxbrew/.linuxbrew"]
        let folders = path + builds.map { "\(built)/\($0)/bin" } + brew.map { $0 + "/bin" }
        return folders.map { "\($0)/llama-server" }
    }
}
