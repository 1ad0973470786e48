public import CorralCache
public import CorralServing
import HTTPTypes
public import Hummingbird
import Logging
import NIOCore

/// Answers every request: decides whether it may be asked, finds the route, and
/// reports what goes wrong in the words of the route's API.
///
/// It knows models by what ``ServedModel`` says of them, and no engine.
public struct CorralResponder<Engine: ModelEngine, Directory: ModelDirectory>: HTTPResponder
where Engine.Model: ServedModel, Directory.Options == Engine.Options {
    /// What is known of a request besides its content.
    public typealias Context = BasicRequestContext

    let cache: ModelCache<Engine>
    let directory: Directory
    let configuration: ServerConfiguration
    let clock: any Clock<Duration>
    let requestIDs: RequestIDs
    let activity: Activity
    /// Whether it answers at Ollama's own address, where some clients look first
    /// whether it is Ollama that runs there.
    var isOllama = false
    private let admission: Admission
    let slots: RequestSlots

    /// Creates a responder.
    ///
    /// - Parameters:
    ///   - cache: Lends the models.
    ///   - directory: Knows what they are called.
    ///   - configuration: Who may ask, and how much.
    ///   - clock: What waiting times are measured on.
    public init(
        cache: ModelCache<Engine>,
        directory: Directory,
        configuration: ServerConfiguration = ServerConfiguration(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.cache = cache
        self.directory = directory
        self.configuration = configuration
        self.clock = clock
        admission = Admission(configuration)
        slots = RequestSlots(usual: configuration.keyConcurrency)
        var generator = SystemRandomNumberGenerator()
        requestIDs = RequestIDs(using: &generator)
        activity = Activity(configuration)
    }

    /// Answers a request.
    ///
    /// - Throws: `CancellationError` when the client has gone, and errors of the
    ///   connection; all others become answers.
    public func respond(to request: Request, context: Context) async throws -> Response {
        let info = RequestInfo(
            request: request,
            id: requestID(of: request),
            received: Stopwatch(clock)
        )
        var logger = context.logger
        // Hummingbird's own name of the request, which no client ever sees.
        logger[metadataKey: "hb.request.id"] = nil
        logger[metadataKey: "request"] = "\(info.id)"
        return try await withLogger(logger) { logger in
            try await respond(to: info, logger)
        }
    }

    private func respond(to info: RequestInfo, _ logger: Logger) async throws -> Response {
        var info = info
        var response: Response
        do {
            try admission.checkHost(info.request)
            info.origin = try admission.checkOrigin(info.request)
            response = try await answer(info)
        } catch let error as RequestError {
            response = refusal(error, info, logger)
        } catch let error as ModelCacheError {
            // Cancelled means that the client has gone.
            try Task.checkCancellation()
            response = refusal(RequestError(error, redaction: redaction), info, logger)
        }
        response.headers[.requestID] = info.id
        // Nothing here is a page to guess at, whatever text of a client's it repeats.
        response.headers[.xContentTypeOptions] = "nosniff"
        if let origin = info.origin { Self.grant(&response, to: origin) }
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
        return info.request.method == .head ? response.createHeadResponse() : response
    }

    /// The answer to a request that is refused, which is counted and logged.
    private func refusal(
        _ error: RequestError,
        _ info: RequestInfo,
        _ logger: Logger
    ) -> Response {
        activity.metrics.refused(error)
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

    private func answer(_ info: RequestInfo) async throws -> Response {
        guard let entry = RouteTable.find(info.path) else {
            throw RequestError(
                .routeNotFound,
                "There is no \(info.path) here; GET / lists what there is."
            )
        }
        let method = info.request.method == .head ? .get : info.request.method
        if method == .options { return Self.options(entry, info) }
        guard let route = entry.methods[method] else {
            var error = RequestError(
                .wrongMethod,
                "\(info.path) does not know the method \(info.request.method.rawValue)."
            )
            error.allowed = entry.allowed
            throw error
        }
        let caller = try admission.admit(info.request, to: route.access)
        let slot = route.access == .inference ? try slots.take(caller) : nil
        var response = try await Caller.$current.withValue(caller) {
            try await answer(info, route, entry.dialect)
        }
        if let slot { Self.hold(slot, until: &response) }
        return response
    }

    private func answer(
        _ info: RequestInfo,
        _ route: Route,
        _ dialect: Dialect
    ) async throws -> Response {
        switch route {
        case .inference(let role, let path):
            return try await infer(info, role: role, path: path, dialect: dialect)
        case .embeddings: return try await embeddings(info)
        case .rerank(let api): return try await rerank(info, api)
        case .ollama(let route): return try await ollama(route, info)
        case .welcome: return isOllama ? Self.ollamaGreeting : welcome(info.request)
        case .metrics: return metrics
        case .health: return Self.json(["status": "ok"])
        case .models: return models
        case .model(let name): return try model(named: name)
        case .status: return status
        case .load: return try await load(info)
        case .unload: return try await unload(info)
        case .pin: return try await pin(info)
        case .reload: return try await reload()
        case .events: return try events()
        case .feed: return try feed()
        case .hint: return try await hint(info)
        case .why: return try why(info)
        case .whatIf: return try await whatIf(info)
        }
    }

    /// Takes paths out of what clients are told.
    var redaction: PathRedaction { PathRedaction(directory.entries) }
}

/// A request with what was found out about it.
struct RequestInfo: Sendable {
    let request: Request
    let id: String
    /// Began when the request's head had come.
    let received: Stopwatch
    /// The origin that may read the answer, where one was named and may.
    var origin: String?

    var path: String { request.uri.path }
}
