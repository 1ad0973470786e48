import CorralCache
import HTTPTypes
import Hummingbird
import NIOCore

/// Looking on: metrics, events and the dashboard's feed.
extension CorralResponder {
    /// Names models, and takes paths out of sentences.
    var report: StatusReport { StatusReport(directory.entries) }

    /// What there is to measure, for a scraper.
    var metrics: Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: metricsReport.text))
        )
    }

    var metricsReport: MetricsReport {
        MetricsReport(
            statistics: cache.statistics,
            counts: activity.metrics.counts,
            names: report,
            listeners: activity.listeners.count,
            version: configuration.version,
            memory: configuration.ownMemory()
        )
    }

    /// What happens in the cache from now on, as server-sent events.
    func events() throws(RequestError) -> Response {
        let pass = try activity.listeners.admit()
        let report = report
        let events = cache.events()
        return Self.eventStream { writer in
            defer { withExtendedLifetime(pass) {} }
            for await event in events {
                try await writer.write(Self.event(report.json(event)))
            }
        }
    }

    /// The past, then the status and what changed it, as server-sent events.
    func feed() throws(RequestError) -> Response {
        let pass = try activity.listeners.admit()
        // Listening begins before the past is read, so that nothing falls between.
        let events = cache.events()
        let past = activity.history.events
        return Self.eventStream { writer in
            defer { withExtendedLifetime(pass) {} }
            let report = report
            let history = JSONValue.array(past.map { report.json($0).json })
            try await writer.write(Self.event((name: "history", json: history)))
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
            for event in happened { bytes.writeImmutableBuffer(Self.event(report.json(event))) }
            let status = report.json(cache.statistics)
            bytes.writeImmutableBuffer(Self.event((name: "status", json: status)))
            try await writer.write(bytes)
        }
    }

    private static func event(_ event: (name: String, json: JSONValue)) -> ByteBuffer {
        ByteBuffer(string: "event: \(event.name)\ndata: \(event.json.text)\n\n")
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
