import CorralCache
import CorralDialects
import CorralJSON
import CorralMemory
import HTTPTypes
import Hummingbird
import NIOCore

/// Listing models.
extension CorralResponder {
    /// OpenAI's list, with what Anthropic's clients read beside it.
    var models: Response {
        var names: [String] = []
        var byName: [String: [ServedEntry]] = [:]
        for entry in directory.models.entries {
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

    func model(named name: String) async throws -> Response {
        let found = try await entry(named: name, role: nil)
        let entries = directory.models.entries(of: found.name)
        return Self.json(Self.description(found.name, entries.isEmpty ? [found] : entries))
    }

    private static func description(
        _ name: String,
        _ entries: [ServedEntry]
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
