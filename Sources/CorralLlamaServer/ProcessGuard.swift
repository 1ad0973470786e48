import Logging
import Subprocess
import Synchronization

/// Ends the children of a daemon that was killed, and removes its sockets.
///
/// A llama-server ends with its standard input, but only once its model is loaded; an older one
/// not at all. Linux's parent-death signal follows the thread that started a process, not the
/// process, and macOS has none. So a shell, in a group of its own, reads the groups to end from a
/// pipe, and ends them when the pipe does: when nobody is left who holds the writing end.
final class ProcessGuard: Sendable {
    /// The shell's program, which only the end of its input ends; `$1` is the folder of sockets.
    private static let script = """
        trap '' HUP INT QUIT TERM
        children=' '
        while read -r word group; do
            case $word in
            +) children="$children$group " ;;
            -) children="${children%% $group *} ${children#* $group }" ;;
            esac
        done
        for group in $children; do kill -KILL "-$group" 2>/dev/null; done
        rm -rf -- "$1"
        """

    private let folder: String
    private let logger: Logger
    private let lines: AsyncStream<String>
    private let linesIn: AsyncStream<String>.Continuation

    /// Creates a guard.
    ///
    /// - Parameters:
    ///   - folder: The folder of sockets to remove.
    ///   - logger: Where it is reported that there is no guard.
    init(folder: String, logger: Logger) {
        self.folder = folder
        self.logger = logger
        (lines, linesIn) = AsyncStream.makeStream()
    }

    /// Has a process and its group ended with this process.
    func watch(_ pid: Int32) { linesIn.yield("+ \(pid)\n") }

    /// Forgets a process that has been reaped.
    func forget(_ pid: Int32) { linesIn.yield("- \(pid)\n") }

    /// Lets the guard go.
    func finish() { linesIn.finish() }

    /// Runs the guard; returns once it has been let go and has ended.
    func run() async {
        let launch = Launch(
            program: "/bin/sh",
            arguments: ["-c", Self.script, "corral-guard", folder],
            environment: ["PATH": "/usr/bin:/bin"]
        )
        do {
            _ = try await Subprocess.run(
                launch.configuration,
                input: .inputWriter,
                output: .discarded,
                error: .discarded
            ) { execution in
                for await line in lines {
                    _ = try await execution.standardInputWriter.write(line)
                }
            }
        } catch {
            logger.warning(
                "Models may outlive this process if it is killed: the guard has failed",
                metadata: ["error": "\(error)"]
            )
            // Without a guard, nobody reads what is still written to it.
            for await _ in lines {}
        }
    }
}
