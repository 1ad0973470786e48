import Foundation

/// Finds the llama-server program.
struct LlamaServerFinder {
    /// Whether a path is a program that can be run.
    var isProgram: (String) -> Bool = { FileManager.default.isExecutableFile(atPath: $0) }
    /// The names in a folder; none where it cannot be read.
    var names: (String) -> [String] = {
        (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? []
    }

    /// The path of the program.
    ///
    /// - Parameters:
    ///   - wanted: The path that is set, with where it is set.
    ///   - environment: Names the folders to search.
    /// - Returns: A path that can be run.
    /// - Throws: ``CommandFailure`` where there is none.
    func find(
        _ wanted: (path: String, source: SettingSource)?,
        _ environment: UserEnvironment
    ) throws -> String {
        if let wanted {
            guard isProgram(wanted.path) else {
                throw CommandFailure(
                    .configuration,
                    "\(wanted.source): There is no program at \(wanted.path); name llama-server."
                )
            }
            return wanted.path
        }
        if let path = candidates(environment).first(where: isProgram) { return path }
        throw CommandFailure(
            .configuration,
            """
            llama-server was not found in PATH, in \(environment.cacheFolder)/llama.cpp, or where \
            Homebrew puts it. Install llama.cpp (brew install llama.cpp, or the scripts of this \
            project: make setup), or name it with --llama-server.
            """
        )
    }

    /// Where it may be, the likeliest first.
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
