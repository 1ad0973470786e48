import CorralCache
import CorralDialects
import CorralJSON
import CorralMemory
import HTTPTypes
import Hummingbird
import NIOCore

/// Lists and descriptions of models in Ollama's API.
extension CorralResponder {
    /// Every model once, in its first role.
    var tags: Response {
        var seen: Set<String> = []
        let models = directory.models.entries.filter { seen.insert($0.name).inserted }.map {
            entry in
            let model = OllamaModelDescription(entry)
            return JSONValue.object(model.members + [("modified_at", model.modifiedAt)])
        }
        return Self.json(["models": .array(models)])
    }

    /// The models in memory.
    var running: Response {
        let now = configuration.timeOfDay()
        let entries = Dictionary(directory.models.entries.map { ($0.id, $0) }) { first, _ in first }
        let models = cache.statistics.models.compactMap { resident -> JSONValue? in
            guard [.resident, .draining].contains(resident.state), let entry = entries[resident.id]
            else { return nil }
            var members = OllamaModelDescription(entry).members.filter { $0.name != "size" }
            let reserved = resident.reserved?.total ?? .zero
            let size = reserved.total.rawValue
            members += [
                ("expires_at", .string(WallClock.text(now + Self.secondsLeft(resident)))),
                ("size", JSONValue(size)),
                ("size_vram", JSONValue(size - reserved[.host].rawValue)),
                ("context_length", JSONValue(resident.contextTokens)),
            ]
            return .object(members)
        }
        return Self.json(["models": .array(models)])
    }

    /// How long a model may still stay idle, where that is a fixed time; Ollama says
    /// 292 years for "for ever", and its clients know that.
    private static func secondsLeft(_ model: CacheStatistics.Model) -> Double {
        switch model.keepAlive {
        case .untilEvicted, .skiRental: 9_223_372_036
        case .idle(let limit): max(0, (limit - (model.idle ?? .zero)) / .seconds(1))
        }
    }

    /// Describes a model.
    func show(_ info: RequestInfo) async throws -> Response {
        let fields = try await read(["model", "name"], of: info)
        let called = try fields.ollamaModel()
        guard let called, !called.isEmpty else {
            throw RequestError(.modelNotNamed, "Say which model in 'model'.", parameter: "model")
        }
        let entry = try await entry(named: called, role: nil)
        let model = OllamaModelDescription(entry)
        let defaults = entry.defaults(calledBy: called)
        var file = "# Corral serves this model from a GGUF file.\nFROM \(model.name)\n"
        if let system = defaults.system { file += "SYSTEM \"\"\"\(system)\"\"\"\n" }
        let parameters =
            (defaults.contextTokens.map { ["num_ctx \($0)"] } ?? [])
            + defaults.stops.map { "stop \"\($0)\"" }
        return Self.json([
            "license": "",
            "modelfile": .string(file),
            "parameters": .string(parameters.joined(separator: "\n")),
            "system": .string(defaults.system ?? ""),
            "template": "",
            "details": model.details,
            "model_info": model.information,
            "capabilities": .array(model.capabilities.map(JSONValue.string)),
            "modified_at": model.modifiedAt,
        ])
    }

    /// The answer by which clients of Ollama recognise it.
    static var ollamaGreeting: Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: "Ollama is running"))
        )
    }
}
