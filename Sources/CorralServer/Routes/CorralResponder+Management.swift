import CorralCache
import CorralDialects
import CorralObservability
import CorralWire
import Hummingbird

/// Steering the cache.
extension CorralResponder {
    /// Loads a model and answers when it is usable.
    func load(_ info: RequestInfo) async throws -> Response {
        let fields = try await read(["model", "role", "keep_alive"], of: info)
        let entry = try await entry(named: fields.text("model"), role: fields.role())
        let keepAlive = try fields.keepAlive() ?? entry.keepAlive
        ClientPresence.current?.expectStay()
        let started = Stopwatch(clock)
        try await cache.preload(entry.id, keepAlive: keepAlive)
        return Self.json(
            encoding: LoadAnswer(
                model: entry.name,
                role: entry.id.role.rawValue,
                state: CacheStatistics.Model.State.resident.rawValue,
                loadMs: Int(started.elapsed / .milliseconds(1))
            )
        )
    }

    /// Unloads a model in one role or in all, a file, or everything.
    func unload(_ info: RequestInfo) async throws -> Response {
        let fields = try await read(["model", "path", "role", "all"], of: info)
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
            left = try await entries(named: name, role: fields.role()).map(\.id).filter {
                cache.unload($0)
            }
        }
        return Self.json(encoding: UnloadAnswer(unloaded: left.sorted().map(report.names.named)))
    }

    /// Pins a model in the role asked for, or else in its first one; unpins it in
    /// the role asked for, or else in all.
    func pin(_ info: RequestInfo) async throws -> Response {
        let fields = try await read(["model", "pinned", "role"], of: info)
        let isPinned = try fields.flag("pinned") ?? true
        guard let name = try fields.text("model") else {
            throw RequestError(.modelNotNamed, "Say which model in 'model'.", parameter: "model")
        }
        let role = try fields.role()
        let entries =
            isPinned
            ? [try await entry(named: name, role: role)]
            : try await entries(named: name, role: role)
        for entry in entries {
            if isPinned { cache.pin(entry.id) } else { cache.unpin(entry.id) }
        }
        let models = entries.map { report.names.named($0.id) }
        return Self.json(encoding: PinAnswer(pinned: isPinned, models: models))
    }

    /// Every entry of a name, in one role or in all.
    private func entries(named name: String, role: ModelRole?) async throws -> [ServedEntry] {
        let found = try await entry(named: name, role: role)
        return role == nil ? directory.models.entries(of: found.name) : [found]
    }

    /// Has the configuration read again, and tells what it changed.
    func reload() async throws -> Response {
        guard let reload = configuration.reload else {
            throw RequestError(.routeNotFound, "This server has no configuration to read again.")
        }
        do {
            let report = try await BlockingExecutor.requests.run { try await reload() }
            return Self.json(encoding: report.answer)
        } catch {
            throw RequestError(
                .invalidConfiguration,
                "Nothing was changed, because the configuration makes no sense. \(error)"
            )
        }
    }
}
