import CorralCache
import HTTPTypes
import Hummingbird
import NIOCore

/// What will be asked for, why something was decided, and what would happen if.
extension CorralResponder {
    /// The most models one hint may name.
    private static var hintLimit: Int { 16 }

    /// Takes the word of a client on what it will want next.
    func hint(_ info: RequestInfo) async throws -> Response {
        let body = try await body(of: info.request)
        let fields = try fields(["model", "models", "role", "within_seconds"], of: body)
        var names = try fields.texts("models") ?? []
        if let name = try fields.text("model") { names.insert(name, at: 0) }
        guard !names.isEmpty else {
            throw RequestError(
                .modelNotNamed,
                "Say which models will be wanted, the next one first, in 'models'.",
                parameter: "models"
            )
        }
        guard names.count <= Self.hintLimit else {
            throw RequestError(
                .malformed,
                "'models' may name \(Self.hintLimit) models at most.",
                parameter: "models"
            )
        }
        let role = try fields.role()
        var models: [ModelID] = []
        for name in names { models.append(try entry(named: name, role: role).id) }
        let horizon = try fields.seconds("within_seconds", from: 1, to: 3600)
        let outcomes = await cache.hint(models, within: horizon ?? .seconds(120))
        let report = StatusReport(directory.entries)
        return Self.json(["models": .array(outcomes.map(report.json))])
    }

    /// Follows the header `X-Corral-Next: reranker, chat-model` of a request.
    ///
    /// A hint is a favour: names that mean nothing are ignored.
    func followHint(in request: Request) async {
        guard let header = request.headers[.next] else { return }
        let names = header.split(separator: ",").prefix(Self.hintLimit).map { name in
            String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        let models = names.compactMap { name -> ModelID? in
            guard !name.isEmpty, case .found(let entry) = directory.resolve(name, role: nil) else {
                return nil
            }
            return entry.id
        }
        if !models.isEmpty { await cache.hint(models) }
    }

    /// What was decided about a model lately, the latest first.
    func why(_ info: RequestInfo) throws -> Response {
        let (entry, _) = try asked(info)
        let statistics = cache.statistics
        let report = StatusReport(directory.entries)
        let state = statistics.models.first { $0.id == entry.id }?.state ?? .absent
        let decisions = cache.decisions(about: entry.id).reversed()
        let members: [(name: String, value: JSONValue)] = [
            ("state", .string(state.rawValue)),
            ("policy", .string(statistics.policy)),
            (
                "decisions",
                .array(decisions.map { report.json($0, uptime: statistics.uptime) })
            ),
        ]
        return Self.json(.object(report.name(of: entry.id) + members))
    }

    /// What would happen if a model were asked for now; nothing does.
    func whatIf(_ info: RequestInfo) async throws -> Response {
        let (entry, context) = try asked(info)
        let forecast = try await cache.whatIf(
            load: entry.id,
            options: entry.options,
            minimumContext: context ?? 0
        )
        return Self.json(StatusReport(directory.entries).json(forecast))
    }

    /// The model, and the tokens of context, that a query names: `?model=m&role=chat&context=8192`.
    private func asked(
        _ info: RequestInfo
    ) throws(RequestError) -> (ServedEntry<Engine.Options>, context: Int?) {
        let query = info.request.uri.queryParameters
        func text(_ name: String) -> String? { query[name[...]].map(String.init) }
        guard let name = text("model"), !name.isEmpty else {
            throw RequestError(
                .modelNotNamed,
                "Say which model in the query: ?model=name.",
                parameter: "model"
            )
        }
        let role = try text("role").map { text throws(RequestError) in
            try RequestFields.role(text)
        }
        let context = try text("context").map { text throws(RequestError) in
            guard let tokens = Int(text), (0...Int(Int32.max)).contains(tokens) else {
                throw RequestError(
                    .malformed,
                    "'context' must be a number of tokens.",
                    parameter: "context"
                )
            }
            return tokens
        }
        return (try entry(named: name, role: role), context)
    }
}
