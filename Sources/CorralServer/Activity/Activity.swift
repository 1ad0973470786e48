import CorralCache
import Logging

/// All that the server makes of the cache's events: metrics, a history and the log.
struct Activity: Sendable {
    let metrics = ServerMetrics()
    let history = EventHistory()
    let listeners: ListenerCount

    init(_ configuration: ServerConfiguration) {
        listeners = ListenerCount(limit: configuration.listenerLimit)
    }

    /// Takes in events until there are no more.
    ///
    /// - Parameters:
    ///   - events: What the cache does.
    ///   - logger: Where it is reported.
    ///   - report: Names models as they are called now.
    func follow(
        _ events: AsyncStream<CacheEvent>,
        logger: Logger,
        report: @Sendable () -> StatusReport
    ) async {
        let log = EventLog(logger: logger)
        for await event in events {
            metrics.record(event)
            history.record(event)
            // Most events are of single requests, and of no interest to the log.
            if EventHistory.isNotable(event) || logger.logLevel <= .debug {
                log.write(event, report())
            }
        }
    }
}
