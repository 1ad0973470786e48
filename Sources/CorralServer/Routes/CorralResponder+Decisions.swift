import CorralCache
import CorralDialects
import CorralObservability
import CorralWire
import HTTPTypes
import Hummingbird

/// Hints at what will be asked for, why a decision was made, and what a request would meet.
extension CorralResponder {
    /// The most models one hint may name.
    private static var hintLimit: Int { 16 }

    /// Takes a client's hint at the models that it will want next.
    func hint(_ info: RequestInfo) async throws -> Response {
        let fields = try await read(["model", "models", "role", "within_seconds"], of: info)
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
        for name in names { models.append(try await entry(named: name, role: role).id) }
        let horizon = try fields.seconds("within_seconds", from: 1, to: 3600)
        let outcomes = await cache.hint(models, within: horizon ?? .seconds(120))
        return Self.json(encoding: report.hints(outcomes))
    }

    /// Takes the header `X-Corral-Next: reranker, chat-model` of a request for a hint, so that
    /// while one model works the next can be brought in.
    ///
    /// A hint is a favour: names that mean nothing are ignored.
    func offerHints(of request: Request) {
        guard let header = request.headers[.next] else { return }
        let served = directory.models
        let models = header.split(separator: ",").prefix(Self.hintLimit).compactMap { name in
            let name = String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            return name.isEmpty ? nil : try? served.entry(named: name, role: nil).id
        }
        if !models.isEmpty { hints.offer(models) }
    }

    /// Brings in what requests have hinted at, until the task is cancelled.
    func carryOutHints() async {
        await hints.run { await cache.hint($0) }
    }

    /// What was decided about a model lately, the latest first.
    func why(_ info: RequestInfo) async throws -> Response {
        let (entry, _) = try await asked(info)
        let decisions = cache.decisions(about: entry.id)
        return Self.json(encoding: report.why(entry.id, decisions, cache.statistics))
    }

    /// What would happen if a model were asked for now; nothing does.
    func whatIf(_ info: RequestInfo) async throws -> Response {
        let (entry, context) = try await asked(info)
        let forecast = try await cache.whatIf(load: entry.id, minimumContext: context ?? 0)
        return Self.json(encoding: report.whatIf(forecast))
    }

    /// The model, and the tokens of context, that a query names: `?model=m&role=chat&context=8192`.
    private func asked(_ info: RequestInfo) async throws -> (ServedEntry, context: Int?) {
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
        return (try await entry(named: name, role: role), context)
    }
}
