import CorralCache
import CorralMemory
import CorralSimulator
import CorralWire
import Foundation

/// An event of the daemon's feed, as far as a recording needs it.
struct RecordedEvent: Hashable, Sendable {
    var time: Double
    var model: String
    var role: ModelRole
    var event: WorkloadRecording.Event

    /// Reads an event; `nil` for one that says nothing of requests and loads.
    init?(_ text: String) {
        guard let told = try? JSONDecoder.corral.decode(DaemonEvent.self, from: Data(text.utf8)),
            let model = told.model, let role = told.role.flatMap(ModelRole.init(rawValue:))
        else { return nil }
        self.model = model
        self.role = role
        time = told.timeSeconds
        switch told.event {
        case "lease_granted": event = .granted(waited: told.waitedSeconds ?? 0)
        case "lease_released": event = .released(held: told.heldSeconds ?? 0)
        case "request_refused": event = .refused
        case "load_started": event = .loadStarted(told.planned?.bytes ?? .zero)
        case "load_finished": event = .loadFinished(seconds: told.tookSeconds ?? 0)
        default: return nil
        }
    }
}

/// A recording under way, with the names the models get in it.
struct RecordingSession {
    private let start: Double
    private let isAnonymous: Bool
    private var end: Double
    private var recording: WorkloadRecording
    private var names: [ModelID: String] = [:]
    private var counts: [ModelRole: Int] = [:]

    /// Begins a recording at the time of a status.
    init(_ status: DaemonStatus, isAnonymous: Bool) {
        start = status.uptimeSeconds
        end = start
        self.isAnonymous = isAnonymous
        recording = WorkloadRecording(from: start)
        for model in status.models { describe(model) }
    }

    /// The requests that were refused.
    var refusals: Int { recording.refusals }

    /// The time since it began, in seconds.
    var seconds: Double { end - start }

    var workload: Workload { recording.workload(until: end) }

    mutating func note(_ event: RecordedEvent) {
        let id = ModelID(path: event.model, role: event.role)
        end = max(end, event.time)
        recording.note(event.event, of: id, name: name(of: id), at: event.time)
    }

    /// Takes from a last status what no event has told.
    mutating func finish(_ status: DaemonStatus) {
        end = max(end, status.uptimeSeconds)
        for model in status.models { describe(model) }
    }

    private mutating func describe(_ model: DaemonStatus.Model) {
        guard let role = ModelRole(rawValue: model.role) else { return }
        let id = ModelID(path: model.model, role: role)
        let loads = model.counts.loads ?? 0
        recording.describe(
            id,
            name: name(of: id),
            bytes: (model.reserved ?? model.planned)?.bytes,
            loadSeconds: loads > 0 ? (model.counts.loadSeconds ?? 0) / Double(loads) : nil
        )
    }

    private mutating func name(of id: ModelID) -> String {
        if let known = names[id] { return known }
        let count = counts[id.role, default: 0] + 1
        counts[id.role] = count
        let name = isAnonymous ? "\(id.role)-\(count)" : "\(id.path) (\(id.role))"
        names[id] = name
        return name
    }
}
