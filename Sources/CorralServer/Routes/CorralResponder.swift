public import CorralCache
import CorralDialects
import CorralJSON
import CorralObservability
public import CorralServing
import HTTPTypes
public import Hummingbird
import Logging
import NIOCore

/// Answers every request: decides whether it may be asked, finds the route, and
/// reports what goes wrong in the words of the route's API.
///
/// It knows models by what `ServedModel` says of them, and no engine.
public struct CorralResponder<Engine: ModelEngine>: HTTPResponder where Engine.Model: ServedModel {
    /// What is known of a request besides its content.
    public typealias Context = BasicRequestContext

    let cache: ModelCache<Engine>
    let directory: any ModelDirectory
    let configuration: ServerConfiguration
    let clock: any Clock<Duration>
    let admission: Admission
    let requestIDs: RequestIDs
    let activity: Activity
    let metricsFeed: MetricsFeed?
    let listeners: ListenerCount
    let hints = HintQueue()
    /// Whether it answers at Ollama's own address, where clients check with `GET /` that Ollama
    /// runs there.
    var isOllama = false

    /// Creates a responder.
    ///
    /// - Parameters:
    ///   - cache: Lends the models.
    ///   - directory: The models there are, and their names.
    ///   - configuration: Who may ask, and how much.
    ///   - clock: What waiting times are measured on.
    public init(
        cache: ModelCache<Engine>,
        directory: any ModelDirectory,
        configuration: ServerConfiguration = ServerConfiguration(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.cache = cache
        self.directory = directory
        self.configuration = configuration
        self.clock = clock
        admission = Admission(configuration)
        var generator = SystemRandomNumberGenerator()
        requestIDs = RequestIDs(using: &generator)
        listeners = ListenerCount(limit: configuration.listenerLimit)
        metricsFeed = configuration.metricsFactory.map { MetricsFeed($0) } ?? MetricsFeed()
        activity = Activity(feed: metricsFeed) { directory.models.report }
    }

    /// Names models, and takes paths out of sentences.
    var report: StatusReport { directory.models.report }

    /// Answers a request.
    ///
    /// - Throws: `CancellationError` when the client has gone, and errors of the
    ///   connection; all others become answers.
    public func respond(to request: Request, context: Context) async throws -> Response {
        var logger = context.logger
        let id = requestIDs.id(of: request)
        // Hummingbird's own name of the request, which no client ever sees.
        logger[metadataKey: "hb.request.id"] = nil
        logger[metadataKey: "request"] = "\(id)"
        return try await withLogger(logger) { logger in
            var info = RequestInfo(request: request, id: id, received: Stopwatch(clock))
            let entry = RouteTable.find(info.path)
            var response: Response
            do {
                let route = entry?.route(of: request)
                try admission.admit(&info, to: route?.access ?? .open)
                guard let entry, let route else { throw RouteTable.refusal(of: request) }
                response = try await answer(info, route, entry)
            } catch let error as RequestError {
                response = refusal(error, info, logger)
            } catch let error as ModelCacheError {
                // A task is cancelled when its client has gone: then nobody reads an answer.
                try Task.checkCancellation()
                let told = RequestError(error, redaction: report.names.redaction)
                response = refusal(told, info, logger)
            }
            complete(&response, info, logger)
            return request.method == .head ? response.createHeadResponse() : response
        }
    }

    /// Hands the request to what answers its route.
    private func answer(
        _ info: RequestInfo,
        _ route: Route,
        _ entry: RouteTable.Entry
    ) async throws -> Response {
        switch route {
        case .inference(let role, let path):
            let fields = try await read(RequestFields.terms, of: info)
            return try await forward(info, fields, role, to: path ?? info.path, entry.dialect)
        case .embeddings: return try await embeddings(info)
        case .rerank(let api): return try await rerank(info, api)
        case .ollama(let route): return try await ollama(route, info)
        case .options: return Self.options(entry, info)
        case .welcome: return isOllama ? Self.ollamaGreeting : welcome(info.request)
        case .metrics: return metrics
        case .health: return Self.json(["status": "ok"])
        case .models: return models
        case .model(let name): return try await model(named: name)
        case .status: return Self.json(encoding: report.status(cache.statistics))
        case .load: return try await load(info)
        case .unload: return try await unload(info)
        case .pin: return try await pin(info)
        case .reload: return try await reload()
        case .events: return try events()
        case .feed: return try feed()
        case .hint: return try await hint(info)
        case .why: return try await why(info)
        case .whatIf: return try await whatIf(info)
        }
    }

    /// The answer to a request that is refused, which is counted and logged.
    private func refusal(
        _ error: RequestError,
        _ info: RequestInfo,
        _ logger: Logger
    ) -> Response {
        activity.metrics.refused(code: error.code.name)
        logger.info(
            "Refused",
            metadata: [
                "method": "\(info.request.method)", "path": "\(info.path)",
                "status": .stringConvertible(error.code.status.code),
                "code": "\(error.code.name)", "reason": "\(error.message)",
            ]
        )
        return Self.response(of: error, RouteTable.dialect(of: info.path), info.id)
    }

    /// Puts into an answer what every answer has, and counts and logs it.
    private func complete(_ response: inout Response, _ info: RequestInfo, _ logger: Logger) {
        response.headers[.requestID] = info.id
        // No browser is to take an answer for a page, whatever text of a client's it repeats.
        response.headers[.xContentTypeOptions] = "nosniff"
        if let origin = info.origin { Self.grant(&response, to: origin) }
        if let slot = info.slot { Self.hold(slot, until: &response) }
        activity.metrics.answered(
            route: RouteTable.label(of: info.path),
            status: response.status.code
        )
        logger.debug(
            "Answered",
            metadata: [
                "method": "\(info.request.method)", "path": "\(info.path)",
                "status": .stringConvertible(response.status.code),
                "model": "\(response.headers[.model] ?? "-")",
                "seconds": .stringConvertible(info.received.elapsed / .seconds(1)),
            ]
        )
    }
}
