#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The system calls that ask about processes or end them.
enum SystemProcess {
    /// Has writing to a process that has ended fail, rather than end this process, as NIO does
    /// once it has opened a socket.
    static func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }

    /// Whether a child of this process has ended, without reaping it.
    ///
    /// - Returns: True also for a process that has been reaped, or is no child.
    static func hasEnded(_ pid: Int32) -> Bool {
        var report = unsafe siginfo_t()
        // The report lives until the call returns; it stays zero while the child runs.
        let answer = unsafe waitid(P_PID, id_t(pid), &report, WEXITED | WNOHANG | WNOWAIT)
        guard answer == 0 else {
            return errno == ECHILD
        }
        return unsafe report.si_signo != 0
    }

    /// Kills the processes that have an argument beginning with `text`: children that outlived
    /// both a killed daemon and its guard.
    ///
    /// On Linux only; elsewhere it does nothing.
    static func endAll(withArgument text: String) {
        #if os(Linux)
        for name in SystemFolder.names(in: "/proc") {
            guard let pid = Int32(name), pid != getpid(),
                let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline"),
                line.split(separator: 0).dropFirst().contains(where: {
                    String(decoding: $0, as: UTF8.self).hasPrefix(text)
                })
            else { continue }
            kill(pid, SIGKILL)
        }
        #endif
    }
}
