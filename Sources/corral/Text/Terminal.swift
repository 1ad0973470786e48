import CorralDaemon

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Facts about the terminal, and about the user who sits there.
enum Terminal {
    /// The columns of standard output; `nil` where it is no terminal.
    static func width(_ environment: UserEnvironment) -> Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        if let columns = environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
        var size = winsize()
        // The kernel fills in a struct of ours; nothing keeps the pointer.
        let result = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size)
        return result == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    /// Whether a person types what is read.
    static var isInputInteractive: Bool { isatty(STDIN_FILENO) == 1 }
}

extension Terminal {
    /// The number of the user this process acts for.
    static var userID: UInt32 { geteuid() }
}
