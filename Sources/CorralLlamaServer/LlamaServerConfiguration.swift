public import CorralPlanner

/// What an engine needs to know of the machine it runs on.
///
/// Nothing is read from the environment: whoever creates the engine passes it in.
public struct LlamaServerConfiguration: Sendable {
    /// The path of the llama-server program, absolute.
    public var program: String

    /// The environment processes get.
    ///
    /// llama-server's own settings (`LLAMA_ARG_…`) are left out, since they would change what was
    /// planned.
    public var environment: [String: String]

    /// A folder for sockets that belongs to the user alone (`XDG_RUNTIME_DIR`); `/tmp` is used
    /// where it is `nil`, unsafe or too long.
    public var runtimeFolder: String?

    /// The devices layers are offloaded to; none to compute on the CPU.
    public var accelerators: [Accelerator]

    /// What llama.cpp's CPU backend was compiled for, which decides what is repacked.
    public var cpu: CPUFeatures

    /// The threads that compute, where a model's options do not say: physical cores.
    public var threads: Int

    /// How long a process that was told to end may take before it is killed.
    public var stopLimit: Duration

    /// Creates a configuration.
    ///
    /// - Parameters:
    ///   - program: The path of the llama-server program, absolute.
    ///   - environment: The environment processes get.
    ///   - runtimeFolder: A folder for sockets that belongs to the user alone.
    ///   - accelerators: The devices layers are offloaded to.
    ///   - cpu: What llama.cpp's CPU backend was compiled for.
    ///   - threads: The threads that compute, at least one.
    ///   - stopLimit: How long a process that was told to end may take.
    public init(
        program: String,
        environment: [String: String],
        runtimeFolder: String? = nil,
        accelerators: [Accelerator] = [],
        cpu: CPUFeatures = [],
        threads: Int,
        stopLimit: Duration = .seconds(5)
    ) {
        self.program = program
        self.environment = environment
        self.runtimeFolder = runtimeFolder
        self.accelerators = accelerators
        self.cpu = cpu
        self.threads = max(1, threads)
        self.stopLimit = stopLimit
    }

    /// The environment of a process, made a child that ends when its standard input does
    /// (llama.cpp b11434, `server_child::is_child`; the port is not used).
    var childEnvironment: [String: String] {
        var variables = environment.filter { name, _ in
            !name.isEmpty && !name.contains("=") && !name.hasPrefix("LLAMA_ARG_")
                && !name.hasPrefix("LLAMA_SERVER_") && name != "LLAMA_API_KEY"
                && name != "CORRAL_API_KEY"
        }
        variables["LLAMA_SERVER_ROUTER_PORT"] = "1"
        // One that is told to end may abort on its way out; a debugger that ggml then starts to
        // print a backtrace costs half a second of every such unload.
        variables["GGML_NO_BACKTRACE"] = "1"
        return variables
    }
}
