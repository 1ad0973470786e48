import CorralCache
import HTTPTypes
import Hummingbird

/// Looking at the cache and steering it.
extension CorralResponder {
    var status: Response {
        Self.json(report.json(cache.statistics))
    }

    /// Loads a model and answers when it is usable.
    func load(_ info: RequestInfo) async throws -> Response {
        let fields = try fields(
            ["model", "role", "keep_alive"],
            of: try await body(of: info.request)
        )
        let entry = try entry(named: fields.text("model"), role: fields.role())
        let keepAlive = try fields.keepAlive() ?? entry.keepAlive
        ClientPresence.current?.expectStay()
        let started = Stopwatch(clock)
        try await cache.preload(entry.id, options: entry.options, keepAlive: keepAlive)
        return Self.json([
            "model": .string(entry.name), "role": .string(entry.id.role.rawValue),
            "state": "resident", "load_ms": JSONValue(Int(started.elapsed / .milliseconds(1))),
        ])
    }

    /// Unloads a model in one role or in all, a file, or everything.
    func unload(_ info: RequestInfo) async throws -> Response {
        let fields = try fields(
            ["model", "path", "role", "all"],
            of: try await body(of: info.request)
        )
        let left: [ModelID]
        if try fields.flag("all") == true {
            left = cache.unloadAll()
        } else if let path = try fields.text("path") {
            left = cache.unload(path: path)
        } else {
            guard let name = try fields.text("model") else {
                throw RequestError(
                    .modelNotNamed,
                    "Say which model in 'model' or 'path', or \"all\": true.",
                    parameter: "model"
                )
            }
            left = try entries(named: name, role: fields.role()).map(\.id).filter {
                cache.unload($0)
            }
        }
        let report = StatusReport(directory.entries)
        return Self.json(["unloaded": .array(left.sorted().map { .object(report.name(of: $0)) })])
    }

    /// Pins a model in the role asked for, or else in its usual one; unpins it in
    /// the role asked for, or else in all.
    func pin(_ info: RequestInfo) async throws -> Response {
        let fields = try fields(["model", "pinned", "role"], of: try await body(of: info.request))
        let isPinned = try fields.flag("pinned") ?? true
        guard let name = try fields.text("model") else {
            throw RequestError(.modelNotNamed, "Say which model in 'model'.", parameter: "model")
        }
        let role = try fields.role()
        let entries =
            isPinned
            ? [try entry(named: name, role: role)] : try entries(named: name, role: role)
        for entry in entries {
            if isPinned { cache.pin(entry.id) } else { cache.unpin(entry.id) }
        }
        let report = StatusReport(directory.entries)
        return Self.json([
            "pinned": .bool(isPinned),
            "models": .array(entries.map { .object(report.name(of: $0.id)) }),
        ])
    }

    /// Every entry of a name, in one role or in all.
    private func entries(
        named name: String,
        role: ModelRole?
    ) throws(RequestError) -> [ServedEntry<Engine.Options>] {
        let found = try entry(named: name, role: role)
        if role != nil { return [found] }
        return directory.entries.filter { $0.name == found.name }
    }
}
