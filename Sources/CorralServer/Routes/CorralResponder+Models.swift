import CorralCache
import HTTPTypes
import Hummingbird
import NIOCore

/// Finding and listing models.
extension CorralResponder {
    /// The model a request names; where it names none, the only one of the role.
    func entry(
        named name: String?,
        role: ModelRole?
    ) throws(RequestError) -> ServedEntry<Engine.Options> {
        guard let name, !name.isEmpty else { return try onlyEntry(role) }
        switch resolve(name, role) {
        case .found(let entry): return entry
        case .wrongRole(let sentence):
            throw RequestError(.wrongRole, sentence, parameter: "model")
        case .unknown(let nearest):
            let hint =
                nearest.isEmpty
                ? "GET /v1/models lists the models there are."
                : "Did you mean \(Self.list(nearest, or: true))?"
            throw RequestError(
                .modelNotFound,
                "There is no model '\(name)'. \(hint)",
                parameter: "model"
            )
        }
    }

    /// Finds a name, also where a client has put behind it the tag that Ollama's
    /// clients put behind names without one.
    private func resolve(_ name: String, _ role: ModelRole?) -> ModelResolution<Engine.Options> {
        let resolution = directory.resolve(name, role: role)
        guard case .unknown = resolution, name.lowercased().hasSuffix(":latest") else {
            return resolution
        }
        let untagged = directory.resolve(String(name.dropLast(":latest".count)), role: role)
        if case .unknown = untagged { return resolution }
        return untagged
    }

    private func onlyEntry(_ role: ModelRole?) throws(RequestError) -> ServedEntry<Engine.Options> {
        let entries = directory.entries.filter { role == nil || $0.id.role == role }
        if entries.count == 1 { return entries[0] }
        let kind = role.map { "\($0) model" } ?? "model"
        guard !entries.isEmpty else {
            throw RequestError(.modelNotFound, "No \(kind) is served.", parameter: "model")
        }
        throw RequestError(
            .modelNotNamed,
            "Say which \(kind) in 'model': \(Self.list(entries.map(\.name), or: true)).",
            parameter: "model"
        )
    }

    /// `'a', 'b' or 'c'`; the first twenty.
    static func list(_ names: [String], or isChoice: Bool) -> String {
        let quoted = names.prefix(20).map { "'\($0)'" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
        return quoted.dropLast().joined(separator: ", ") + (isChoice ? " or " : " and ") + last
    }

    /// OpenAI's list, with what Anthropic's clients read beside it.
    var models: Response {
        var names: [String] = []
        var byName: [String: [ServedEntry<Engine.Options>]] = [:]
        for entry in directory.entries {
            if byName[entry.name] == nil { names.append(entry.name) }
            byName[entry.name, default: []].append(entry)
        }
        return Self.json([
            "object": "list",
            "data": .array(names.map { Self.description($0, byName[$0] ?? []) }),
            "first_id": JSONValue(names.first),
            "last_id": JSONValue(names.last),
            "has_more": false,
        ])
    }

    func model(named name: String) throws(RequestError) -> Response {
        let found = try entry(named: name, role: nil)
        let entries = directory.entries.filter { $0.name == found.name }
        return Self.json(Self.description(found.name, entries))
    }

    private static func description(
        _ name: String,
        _ entries: [ServedEntry<Engine.Options>]
    ) -> JSONValue {
        let context = entries.compactMap(\.contextTokens).max()
        return [
            "id": .string(name),
            "object": "model",
            "created": JSONValue(entries.compactMap(\.created).max() ?? 0),
            "owned_by": "corral",
            "type": "model",
            "display_name": .string(name),
            "roles": .array(entries.map(\.id.role).sorted().map { .string($0.rawValue) }),
            "aliases": .array(Set(entries.flatMap(\.aliases)).sorted().map(JSONValue.string)),
            "context_length": context.map { JSONValue($0) } ?? .null,
        ]
    }

    /// The dashboard for browsers, a short text for everything else.
    func welcome(_ request: Request) -> Response {
        if request.headers[.accept]?.contains("text/html") == true {
            var generator = SystemRandomNumberGenerator()
            return DashboardPage.response(using: &generator)
        }
        let text = """
            Corral keeps many llama.cpp models in one machine's memory.

            Point an OpenAI client at /v1, or an Anthropic or Ollama client at /; name the
            model in the request, and it is loaded when it is needed. A browser sees the
            dashboard here.

            \(RouteTable.summary.joined(separator: "\n"))
            GET /v1/models/{name}

            """
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; charset=utf-8", .vary: "Accept"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
