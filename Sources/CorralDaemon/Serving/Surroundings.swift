package import CorralCatalogue

extension Daemon {
    /// Everything outside that a daemon touches.
    package struct Surroundings: Sendable {
        /// The variables of the environment.
        package var environment: UserEnvironment

        /// The version that `/metrics` tells.
        package var version: String

        /// Where the daemon says what people should know.
        package var output: Output

        /// Reads the settings as they were read at the start.
        package var readSettings: @Sendable () throws -> Settings

        /// Finds the llama-server program.
        package var findServer: @Sendable (Settings) throws -> String

        /// Reads what the machine is; blocks while it does.
        package var machine: @Sendable () throws -> Machine

        /// The folders models are searched in.
        package var folders: any FolderTree

        /// Begins to listen to what the daemon is asked for.
        package var signals: @Sendable () -> AsyncStream<DaemonSignal>

        /// Ends the process at once.
        package var endNow: @Sendable () -> Void

        /// The clock that waiting is measured on.
        package var clock: any Clock<Duration>

        /// Describes surroundings: this machine's, but for what is given.
        package init(
            environment: UserEnvironment,
            version: String,
            output: Output,
            readSettings: @escaping @Sendable () throws -> Settings
        ) {
            self.environment = environment
            self.version = version
            self.output = output
            self.readSettings = readSettings
            findServer = { try LlamaServerFinder().find($0, environment) }
            machine = { try Machine(environment) }
            folders = DiskFolders()
            signals = { ProcessSignals.received() }
            endNow = { ProcessSignals.endProcess() }
            clock = ContinuousClock()
        }
    }

    /// Where a daemon says what people should know.
    package struct Output: Sendable {
        /// Takes a line for whoever started it.
        package var say: @Sendable (String) -> Void
        /// Takes a sentence that should worry whoever started it.
        package var warn: @Sendable (String) -> Void
        /// Takes lines of the log, with their ends.
        package var log: @Sendable (String) -> Void
        /// Told the port of each address that is listened at.
        package var listening: @Sendable (Int) -> Void

        /// Creates an output from functions.
        package init(
            say: @escaping @Sendable (String) -> Void,
            warn: @escaping @Sendable (String) -> Void,
            log: @escaping @Sendable (String) -> Void,
            listening: @escaping @Sendable (Int) -> Void = { _ in }
        ) {
            self.say = say
            self.warn = warn
            self.log = log
            self.listening = listening
        }
    }
}
