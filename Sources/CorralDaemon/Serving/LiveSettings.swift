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
}
