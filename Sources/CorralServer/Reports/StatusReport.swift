import CorralCache
import CorralMemory

/// Writes what the cache tells as JSON.
///
/// Models have the names people use, and nothing holds a path of this machine.
/// Bytes are whole numbers, times are seconds.
struct StatusReport: Sendable {
    private let names: [ModelID: String]
    let redaction: PathRedaction

    init<Options>(_ entries: [ServedEntry<Options>]) {
        names = Dictionary(
            entries.map { ($0.id, $0.name) },
            uniquingKeysWith: { first, _ in first }
        )
        redaction = PathRedaction(entries)
    }

    /// What people call a model; the name of its file where it is not listed any more.
    func plainName(of id: ModelID) -> String {
        names[id] ?? id.path.split(separator: "/").last.map(String.init) ?? ""
    }

    /// The name and role of a model, and its profile where it has one.
    func name(of id: ModelID) -> [(name: String, value: JSONValue)] {
        var members: [(name: String, value: JSONValue)] = [
            ("model", .string(plainName(of: id))),
            ("role", .string(id.role.rawValue)),
        ]
        if !id.profile.isEmpty { members.append(("profile", .string(id.profile))) }
        return members
    }

    /// What the cache holds and has done.
    func json(_ statistics: CacheStatistics) -> JSONValue {
        [
            "uptime_seconds": JSONValue(seconds: statistics.uptime),
            "policy": .string(statistics.policy),
            "keep_alive": json(statistics.keepAlive),
            "waiting": JSONValue(statistics.waiting),
            "waiting_batch": JSONValue(statistics.waitingBatch),
            "predicted_wait_seconds": JSONValue(seconds: statistics.predictedWait),
            "pressure": json(statistics.pressure),
            "hints": JSONValue(statistics.hints),
            "decisions": JSONValue(statistics.decisions),
            "memory": [
                "budget": json(statistics.budget),
                "limit": json(statistics.limit),
                "reserved": json(statistics.reserved),
            ],
            "totals": .object(members(statistics.totals)),
            "models": .array(statistics.models.map { json($0) }),
        ]
    }

    private func json(_ model: CacheStatistics.Model) -> JSONValue {
        let file = model.id.path.split(separator: "/").last.map(String.init) ?? ""
        let members: [(name: String, value: JSONValue)] = [
            ("file", .string(file)),
            ("state", .string(model.state.rawValue)),
            ("progress", .number(model.progress)),
            ("pinned", .bool(model.isPinned)),
            ("context_tokens", JSONValue(model.contextTokens)),
            ("planned", json(model.planned)),
            ("reserved", json(model.reserved)),
            ("measured", json(model.measured)),
            ("age_seconds", JSONValue(seconds: model.age)),
            ("idle_seconds", JSONValue(seconds: model.idle)),
            ("keep_alive", json(model.keepAlive)),
            ("idle_limit_seconds", JSONValue(seconds: model.idleLimit)),
            ("prefetched", .bool(model.isPrefetched)),
            ("eviction_rank", model.evictionRank.map { JSONValue($0) } ?? .null),
            ("value", json(model.appraisal)),
            ("leases", JSONValue(model.leases)),
            ("waiting", JSONValue(model.waiting)),
        ]
        return .object(name(of: model.id) + members + self.members(model.record))
    }

    private func members(_ record: ModelRecord) -> [(name: String, value: JSONValue)] {
        [
            ("leases_granted", JSONValue(record.leasesGranted)),
            ("hits", JSONValue(record.hits)),
            ("loads", JSONValue(record.loads)),
            ("load_failures", JSONValue(record.loadFailures)),
            ("load_seconds", JSONValue(seconds: record.loadTime)),
            ("prefetches", JSONValue(record.prefetches)),
            ("prefetches_used", JSONValue(record.prefetchesUsed)),
            ("evictions", JSONValue(record.evictions)),
            ("exits", JSONValue(record.exits)),
            ("refusals", JSONValue(record.refusals)),
        ]
    }

    /// What the eviction policy thinks of a model.
    func json(_ appraisal: Appraisal?) -> JSONValue {
        guard let appraisal else { return .null }
        return [
            "score": .number(appraisal.score),
            "reload_seconds": .number(appraisal.reloadSeconds),
            "seconds_to_next_use": appraisal.secondsToNextUse.map { .number($0) } ?? .null,
        ]
    }

    func json(_ pressure: LoadPressure) -> JSONValue {
        [
            "loading_share": .number(pressure.loadingShare),
            "reloading_share": .number(pressure.reloadingShare),
            "oversubscribed": .bool(pressure.isOversubscribed),
        ]
    }

    func json(_ footprint: Footprint?) -> JSONValue {
        guard let footprint else { return .null }
        return [
            "total": json(footprint.total),
            "exclusive": json(footprint.exclusive),
            "shared": .array(footprint.shared.map { json($0.bytes) }),
        ]
    }

    func json(_ measured: MeasuredMemory?) -> JSONValue {
        guard let measured else { return .null }
        return [
            "exclusive": json(measured.exclusive),
            "file_backed": .integer(measured.fileBacked.rawValue),
        ]
    }

    func json(_ bytes: DomainBytes) -> JSONValue {
        .object(
            bytes.domains.map { (name: "\($0)", value: .integer(bytes[$0].rawValue)) }
        )
    }

    /// Seconds, or -1 for until evicted, as `keep_alive` is written in requests.
    private func json(_ keepAlive: KeepAlive) -> JSONValue {
        switch keepAlive {
        case .idle(let duration): JSONValue(seconds: duration)
        case .untilEvicted: -1
        case .skiRental: .string("\(keepAlive)")
        }
    }
}
