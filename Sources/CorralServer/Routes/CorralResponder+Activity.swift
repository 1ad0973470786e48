import CorralCache
import CorralDialects
import CorralJSON
import CorralObservability
import CorralWire
import HTTPTypes
import Hummingbird
import NIOCore

/// Metrics, events and the dashboard's feed.
extension CorralResponder {
    /// The page that Prometheus and other scrapers read.
    var metrics: Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: metricsReport.sheet.text))
        )
    }

    var metricsReport: MetricsReport {
        MetricsReport(
            statistics: cache.statistics,
            metrics: activity.metrics,
            names: report.names,
            listeners: listeners.count,
            version: configuration.version,
            memory: configuration.ownMemory()
        )
    }

    /// Keeps swift-metrics' backend up to date, where there is one, until the task is cancelled.
    func feedMetrics() async {
        guard let metricsFeed else { return }
        repeat {
            metricsFeed.update(metricsReport.sheet)
        } while (try? await clock.sleep(for: Self.metricsInterval)) != nil
        // What happened since, so that nothing is missing in the end.
        metricsFeed.update(metricsReport.sheet)
    }

    /// How often: backends read or send every ten seconds or less often.
    private static var metricsInterval: Duration { .seconds(5) }

    /// What happens in the cache from now on, as server-sent events.
    func events() throws(RequestError) -> Response {
        let pass = try listeners.admit()
        let report = report
        let events = cache.events()
        return Self.eventStream { writer in
            defer { withExtendedLifetime(pass) {} }
            for await event in events {
                try await writer.write(Self.event(report.event(event)))
            }
        }
    }

    /// The past, then the status and what changed it, as server-sent events.
    func feed() throws(RequestError) -> Response {
        let pass = try listeners.admit()
        // Listening begins before the past is read, so that nothing falls between.
        let events = cache.events()
        let past = activity.history.events
        return Self.eventStream { writer in
            defer { withExtendedLifetime(pass) {} }
            let report = report
            let history = JSONValue(encoding: past.map(report.event))
            try await writer.write(Self.event("history", history))
            try await follow(events, on: clock, writer: &writer)
        }
    }

    @concurrent
    private func follow<C: Clock>(
        _ events: AsyncStream<CacheEvent>,
        on clock: C,
        writer: inout any ResponseBodyWriter
    ) async throws where C.Duration == Duration {
        try await LiveFeed(events: events, clock: clock).run { happened in
            let report = report
            var bytes = ByteBuffer()
            for event in happened { bytes.writeImmutableBuffer(Self.event(report.event(event))) }
            let status = JSONValue(encoding: report.status(cache.statistics))
            bytes.writeImmutableBuffer(Self.event("status", status))
            try await writer.write(bytes)
        }
    }

    private static func event(_ event: DaemonEvent) -> ByteBuffer {
        Self.event(event.event, JSONValue(encoding: event))
    }

    private static func event(_ name: String, _ data: JSONValue) -> ByteBuffer {
        ByteBuffer(string: "event: \(name)\ndata: \(data.text)\n\n")
    }

    private static func eventStream(
        _ write:
            @escaping @Sendable @concurrent (inout any ResponseBodyWriter) async throws -> Void
    ) -> Response {
        let body = ResponseBody { writer in
            ClientPresence.current?.expectStay()
            try await write(&writer)
            try Task.checkCancellation()
            try await writer.finish(nil)
        }
        let headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-cache",
        ]
        return Response(status: .ok, headers: headers, body: body)
    }
}
