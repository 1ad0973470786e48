public import CorralCache
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
    private let admission: Admission

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
        var generator = SystemRandomNumberGenerator()
        requestIDs = RequestIDs(using: &generator)
    }

    /// Answers a request.
    ///
    /// - Throws: `CancellationError` when the client has gone, and errors of the
    ///   connection; all others become answers.
    public func respond(to request: Request, context: Context) async throws -> Response {
        let path = request.uri.path
        let requestID = requestID(of: request)
        var origin: String?
        var response: Response
        do {
            try admission.checkHost(request)
            origin = try admission.checkOrigin(request)
            response = try await answer(
                RequestInfo(request: request, id: requestID, path: path, origin: origin)
            )
        } catch let error as RequestError {
            response = Self.response(of: error, RouteTable.dialect(of: path), requestID)
        } catch let error as ModelCacheError {
            // Cancelled means that the client has gone.
            try Task.checkCancellation()
            response = Self.response(
                of: RequestError(error, redaction: redaction),
                RouteTable.dialect(of: path),
                requestID
            )
        }
        response.headers[.requestID] = requestID
        if let origin { Self.grant(&response, to: origin) }
        context.logger.debug(
            "Answered",
            metadata: [
                "method": "\(request.method)", "path": "\(path)",
                "status": "\(response.status.code)", "request": "\(requestID)",
                "model": "\(response.headers[.model] ?? "-")",
            ]
        )
        return request.method == .head ? response.createHeadResponse() : response
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
        if !route.isPublic { try admission.checkKey(info.request) }
        switch route {
        case .inference(let role, let path):
            return try await infer(info, role: role, path: path, dialect: entry.dialect)
        case .welcome: return welcome
        case .health: return Self.json(["status": "ok"])
        case .models: return models
        case .model(let name): return try model(named: name)
        case .status: return status
        case .load: return try await load(info)
        case .unload: return try await unload(info)
        case .pin: return try await pin(info)
        case .events: return events
        }
    }

    /// Takes paths out of what clients are told.
    var redaction: PathRedaction { PathRedaction(directory.entries) }
}

/// A request with what was found out about it.
struct RequestInfo: Sendable {
    let request: Request
    let id: String
    let path: String
    let origin: String?
}
