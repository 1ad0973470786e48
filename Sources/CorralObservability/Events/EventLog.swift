package import CorralCache
import CorralJSON
package import Logging

/// Writes what the cache does into the log: models that come and go with the reason,
/// failures as warnings, single requests only where everything is wanted.
package struct EventLog: Sendable {
    private let logger: Logger

    package init(logger: Logger) { self.logger = logger }

    /// Writes one event.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - report: Names models, and takes paths out of sentences.
    package func write(_ event: CacheEvent, _ report: StatusReport) {
        let (level, message) = Self.line(event.kind)
        guard level >= logger.logLevel else { return }
        var metadata: Logger.Metadata = [:]
        Self.flatten(JSONValue(encoding: report.event(event)), into: &metadata)
        metadata["time_seconds"] = nil
        logger.log(level: level, message, metadata: metadata)
    }

    /// Members of members get names with dots, which people and programs read alike:
    /// `for.model`, `planned.total.host`.
    private static func flatten(
        _ value: JSONValue,
        _ name: String = "",
        into metadata: inout Logger.Metadata
    ) {
        switch value {
        // The only lists are the parts of a footprint, whose total is logged too.
        case .null, .array, .encoded: break
        case .bool(let value): metadata[name] = .stringConvertible(value)
        case .integer(let value): metadata[name] = .stringConvertible(value)
        case .number(let value): metadata[name] = .stringConvertible(value)
        case .string(let value): metadata[name] = .string(value)
        case .object(let members):
            for (member, value) in members {
                flatten(value, name.isEmpty ? member : "\(name).\(member)", into: &metadata)
            }
        }
    }

    private static func line(_ kind: CacheEvent.Kind) -> (Logger.Level, Logger.Message) {
        switch kind {
        case .loadStarted: (.info, "Loading")
        case .loadFinished: (.info, "Loaded")
        case .loadFailed: (.warning, "Load failed")
        case .loadCancelled: (.info, "Load abandoned: nobody waits for it any more")
        case .draining: (.info, "Draining: the model leaves when its answers have ended")
        case .unloadStarted: (.info, "Unloading")
        case .unloadFinished: (.info, "Unloaded")
        case .exited: (.warning, "A model ended without being asked to")
        case .pinChanged: (.info, "Pin changed")
        case .prefetchStarted: (.info, "Loading ahead: the model will probably be wanted")
        case .oversubscriptionChanged(let pressure):
            pressure.isOversubscribed
                ? (.warning, "Oversubscribed: most time goes into reloading what was evicted")
                : (.info, "No longer oversubscribed")
        default: (.debug, "Cache event")
        }
    }
}
