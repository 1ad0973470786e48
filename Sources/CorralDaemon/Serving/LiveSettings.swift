import Logging
import Synchronization

/// The settings that count now, for all who have to ask each time.
final class LiveSettings: Sendable {
    private let state: Mutex<Settings>

    init(_ settings: Settings) { state = Mutex(settings) }

    /// The settings.
    var current: Settings {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    /// The keys that are good for everything.
    var apiKeys: [String] { state.withLock { $0.apiKeys } }

    /// The least level that is logged.
    var logLevel: Logger.Level { state.withLock { $0.logLevel } }

    /// The logger of the daemon, whose level follows the settings.
    ///
    /// - Parameters:
    ///   - label: What the logger is called.
    ///   - write: Takes a line with its end.
    /// - Returns: A logger that writes in the format of now.
    func logger(_ label: String, writingTo write: @escaping @Sendable (String) -> Void) -> Logger {
        let format = current.logFormat
        return Logger(label: label) { label in
            LogLines(label: label, level: { self.logLevel }, format: format, write: write)
        }
    }
}
