import CorralServer
import Synchronization

/// Every key that counts now: those of the settings, which may be read again, and those of the file
/// that `corral key` keeps.
final class ServedKeys: APIKeyDirectory {
    /// The keys of the settings, and the texts they were made of.
    private struct Configured {
        var texts: [String] = []
        var keys: [APIKey] = []
    }

    private let live: LiveSettings
    private let stored: StoredKeys
    private let configured = Mutex(Configured())

    init(_ live: LiveSettings, _ stored: StoredKeys) {
        self.live = live
        self.stored = stored
    }

    /// Whether there is a key in the file.
    var hasStored: Bool { !stored.keys.isEmpty }

    /// The keys; those of the settings are good for everything.
    var keys: [APIKey] {
        let texts = live.apiKeys
        let ours = configured.withLock { configured in
            if texts != configured.texts {
                configured = Configured(texts: texts, keys: texts.map(APIKey.init(configured:)))
            }
            return configured.keys
        }
        return ours + stored.keys
    }
}
