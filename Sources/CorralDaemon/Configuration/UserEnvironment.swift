import Foundation

/// The variables of the environment, and the folders they name.
package struct UserEnvironment: Sendable {
    package let variables: [String: String]

    /// Describes an environment.
    package init(variables: [String: String]) { self.variables = variables }

    /// The environment that the process was started with.
    package static var current: UserEnvironment {
        UserEnvironment(variables: ProcessInfo.processInfo.environment)
    }

    /// A variable's value; one that is empty counts as absent.
    package subscript(name: String) -> String? {
        variables[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether this is macOS, where caches are elsewhere.
    package static var isDarwin: Bool {
        #if canImport(Darwin)
        true
        #else
        false
        #endif
    }

    /// The user's own folder.
    package var home: String { self["HOME"] ?? NSHomeDirectory() }

    /// The folder of corral's configuration (XDG Base Directory Specification).
    package var configurationFolder: String { folder("XDG_CONFIG_HOME", ".config") }

    /// The folder of what can be fetched or built again; the scripts use it too.
    package var cacheFolder: String { self["CORRAL_CACHE"] ?? folder("XDG_CACHE_HOME", ".cache") }

    /// The folder of what belongs to the user.
    package var dataFolder: String { folder("XDG_DATA_HOME", ".local/share") }

    /// The folder of what is remembered from one run to the next.
    package var stateFolder: String { folder("XDG_STATE_HOME", ".local/state") }

    /// The configuration file that is read when none is named.
    package var configurationFile: String { configurationFolder + "/config.yaml" }

    /// The file of API keys that is used when none is named.
    package var keysFile: String { configurationFolder + "/keys.yaml" }

    /// The folders of models that are searched when none is named.
    package var modelFolders: [String] { [cacheFolder + "/models", dataFolder + "/models"] }

    private func folder(_ variable: String, _ fallback: String) -> String {
        // The specification asks that relative paths be ignored.
        let base = self[variable].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (base ?? "\(home)/\(fallback)") + "/corral"
    }

    /// An absolute path without `.` and `..`, from one as people write it.
    package func path(
        _ text: String,
        in folder: String = FileManager.default.currentDirectoryPath
    ) -> String {
        var path = text
        if path == "~" || path.hasPrefix("~/") { path = home + path.dropFirst(1) }
        if !path.hasPrefix("/") { path = "\(folder)/\(path)" }
        var components: [Substring] = []
        for component in path.split(separator: "/") where component != "." {
            if component == ".." { _ = components.popLast() } else { components.append(component) }
        }
        return "/" + components.joined(separator: "/")
    }
}
