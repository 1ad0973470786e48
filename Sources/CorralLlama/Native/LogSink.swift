import Logging
import Synchronization

/// Where what llama.cpp logs on one thread goes: to a logger, and its errors to whoever asks why
/// something failed.
///
/// llama.cpp has one log for the whole process; what it writes while a call runs is told apart by
/// the thread that makes the call.
final class LogSink: Sendable {
    /// How llama.cpp rates a line.
    enum Level: Sendable { case debug, info, warning, error }

    @TaskLocal static var current: LogSink?

    private struct Lines {
        var partial = ""
        var level = Level.info
        var errors: [String] = []
    }

    private static let errorLimit = 32

    private let logger: Logger?
    private let lines = Mutex(Lines())

    init(_ logger: Logger?) { self.logger = logger }

    /// Takes a piece of text, which may be part of a line (`nil` level: goes on with the last).
    func take(_ text: String, _ level: Level?) {
        let complete = lines.withLock { lines -> [(String, Level)] in
            if let level { lines.level = level }
            lines.partial += text
            var complete: [(String, Level)] = []
            while let end = lines.partial.firstIndex(of: "\n") {
                let line = String(lines.partial[..<end])
                lines.partial = String(lines.partial[lines.partial.index(after: end)...])
                guard !line.isEmpty else { continue }
                complete.append((line, lines.level))
                if lines.level == .error, lines.errors.count < Self.errorLimit {
                    lines.errors.append(line)
                }
            }
            return complete
        }
        guard let logger else { return }
        for (line, level) in complete {
            switch level {
            case .debug: logger.trace("\(line)")
            case .info: logger.debug("\(line)")
            case .warning: logger.warning("\(line)")
            case .error: logger.error("\(line)")
            }
        }
    }

    /// Takes the errors logged since this was last asked.
    func takeErrors() -> [String] {
        lines.withLock { lines in
            defer { lines.errors = [] }
            return lines.errors
        }
    }
}
