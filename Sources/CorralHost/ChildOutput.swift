#if os(Linux)
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A child process whose standard output is collected without ever blocking on it.
///
/// The calls are unsafe because C takes pointers to its own structures and to
/// null-terminated lists of strings; all of them live until the call returns.
struct ChildOutput: Sendable {
    private let process: pid_t
    private let socket: Int32
    private var collected: [UInt8] = []
    private static let limit = 1 << 20

    /// Starts the first of `paths` that can be run, with an empty environment and no
    /// standard input or error.
    init?(paths: [String], arguments: [String]) {
        var ends: [Int32] = [-1, -1]
        // Sockets, since they are closed on exec from the start: a child that another thread
        // starts meanwhile must not inherit an end and keep it open.
        #if canImport(Glibc)
        let kind = Int32(bitPattern: SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        #else
        let kind = SOCK_STREAM | SOCK_CLOEXEC
        #endif
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
        defer { close(ends[1]) }
        for path in paths where unsafe access(path, X_OK) == 0 {
            if let process = Self.spawn(path, arguments, output: ends[1]) {
                self.process = process
                socket = ends[0]
                return
            }
        }
        close(ends[0])
        return nil
    }

    private static func spawn(_ path: String, _ arguments: [String], output: Int32) -> pid_t? {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var strings: [UnsafeMutablePointer<CChar>?] = unsafe ([path] + arguments).map {
            unsafe strdup($0)
        }
        unsafe strings.append(nil)
        defer { unsafe strings.forEach { unsafe free($0) } }
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
        var process: pid_t = 0
        let status = unsafe posix_spawn(&process, path, &actions, nil, strings, &environment)
        return status == 0 ? process : nil
    }

    /// Everything the child wrote, once it has closed its output; `nil` if it has not
    /// within `duration`.
    mutating func finished(within duration: Duration) -> [UInt8]? {
        let deadline = ContinuousClock.now + duration
        while true {
            let left = max(.zero, deadline - .now)
            var poller = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            // Rounded up, so that the last fraction of a millisecond is not spun away.
            let wait = Int32(
                clamping: left.components.seconds * 1000
                    + (left.components.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
            )
            let ready = unsafe poll(&poller, 1, wait)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return nil }
            guard let more = FileReading.available(in: socket) else { continue }
            collected += more
            // A child that never stops talking has said more than any answer has.
            if more.isEmpty || collected.count >= Self.limit { return collected }
        }
    }

    /// Ends the child and closes the socket, without waiting for it.
    func end() {
        close(socket)
        kill(process, SIGKILL)
    }

    /// Whether the child is gone and its entry in the process table with it.
    func isReaped() -> Bool {
        waitpid(process, nil, WNOHANG) != 0
    }
}
#endif
