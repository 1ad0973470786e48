package import CorralCache
package import Logging

/// All that the server makes of the cache's events: metrics, a history and the log.
package struct Activity: Sendable {
    package let metrics: ServerMetrics
    package let history = EventHistory()
    private let report: @Sendable () -> StatusReport

    /// Creates an activity without a past.
    ///
    /// - Parameters:
    ///   - feed: Where observations are told besides; nowhere when `nil`.
    ///   - report: Names models as they are called now.
    package init(feed: MetricsFeed?, report: @escaping @Sendable () -> StatusReport) {
        metrics = ServerMetrics(feed: feed) { report().names }
        self.report = report
    }

    /// Takes in events until there are no more.
    ///
    /// - Parameters:
    ///   - events: What the cache does.
    ///   - logger: Where it is reported.
    package func follow(_ events: AsyncStream<CacheEvent>, logger: Logger) async {
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
