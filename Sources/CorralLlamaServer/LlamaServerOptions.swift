package import CorralGGUF
package import CorralMemory
public import CorralPlanner

/// What one model is loaded with: settings that every engine has, and llama-server's own.
///
/// Everything here ends up as an explicit argument of llama-server, and everything that takes
/// memory is counted. The settings are members of this, too: `options.contextTokens`.
@dynamicMemberLookup
public struct LlamaServerOptions: Hashable, Sendable {
    /// What every engine lets one choose.
    public var load: LoadSettings

    /// The name answers give the model; `nil` for the file's.
    public var alias: String?

    /// How long a load may take; `nil` for 30 s and a second for each 50 MB of the file.
    public var loadDeadline: Duration?

    /// More arguments for llama-server, after all others; those that the engine sets itself are
    /// refused.
    public var extraArguments: [String]

    /// Creates options.
    ///
    /// - Parameters:
    ///   - load: What every engine lets one choose.
    ///   - alias: The name answers give the model.
    ///   - loadDeadline: How long a load may take.
    ///   - extraArguments: More arguments for llama-server.
    public init(
        _ load: LoadSettings = LoadSettings(),
        alias: String? = nil,
        loadDeadline: Duration? = nil,
        extraArguments: [String] = []
    ) {
        self.load = load
        self.alias = alias
        self.loadDeadline = loadDeadline
        self.extraArguments = extraArguments
    }

    /// Reads or changes a setting that every engine has.
    public subscript<Value>(dynamicMember path: WritableKeyPath<LoadSettings, Value>) -> Value {
        get { load[keyPath: path] }
        set { load[keyPath: path] = newValue }
    }

    /// Plans the projector that is loaded beside a model: none where further arguments name one, or
    /// say that there is to be none.
    ///
    /// - Parameter role: What the model is loaded for; only chat sees pictures.
    /// - Returns: The plan.
    /// - Throws: `GGUFError`, where its file cannot be read.
    package func projectorPlan(for role: ModelRole) throws(GGUFError) -> ProjectorPlan? {
        let own = ["-mm", "--mmproj", "-mmu", "--mmproj-url", "--no-mmproj"]
        let names = extraArguments.map { String($0.prefix { $0 != "=" }) }
        guard role == .chat, let projector = load.projector, !names.contains(where: own.contains)
        else {
            return nil
        }
        return ProjectorPlan(try GGUFFile(path: projector))
    }
}
