package import CorralCache
package import CorralMemory

/// Makes a workload of what a cache told while it ran.
///
/// Feed it events in the order they come; times are seconds on any clock, such as the cache's own.
package struct WorkloadRecording: Sendable {
    /// The events that a workload is made of.
    package enum Event: Hashable, Sendable {
        /// A request was granted its model after waiting so many seconds.
        case granted(waited: Double)
        /// A model was given back after so many seconds.
        case released(held: Double)
        /// A request was refused or gave up.
        case refused
        /// A load began with so much reserved.
        case loadStarted(ByteCount)
        /// A load ended well after so many seconds.
        case loadFinished(seconds: Double)
    }

    private struct Lease {
        var granted: Double
        var waited: Double
    }

    private struct Model {
        var id: ModelID
        var name: String
        var bytes: ByteCount?
        var loads: [Double] = []
        var open: [Lease] = []
    }

    private let start: Double
    private var models: [Model] = []
    private var positions: [ModelID: Int] = [:]
    private var requests: [Workload.Request] = []

    /// The requests that were refused; what they would have used is not known, so they are not
    /// part of the workload.
    package private(set) var refusals = 0

    /// Begins a recording.
    ///
    /// - Parameter start: The time that becomes zero.
    package init(from start: Double) {
        self.start = start
    }

    /// The requests noted so far, those under way included.
    package var count: Int { models.reduce(requests.count) { $0 + $1.open.count } }

    /// Notes what is known of a model without any event, where no event has said more.
    ///
    /// - Parameters:
    ///   - id: The model.
    ///   - name: Its name, for people.
    ///   - bytes: What it holds, or is planned to hold.
    ///   - loadSeconds: What a load took, on average, if any did.
    package mutating func describe(
        _ id: ModelID,
        name: String,
        bytes: ByteCount?,
        loadSeconds: Double?
    ) {
        let position = position(of: id, name)
        if models[position].bytes == nil { models[position].bytes = bytes }
        if let loadSeconds, loadSeconds > 0, models[position].loads.isEmpty {
            models[position].loads = [loadSeconds]
        }
    }

    /// Notes an event.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - id: The model it concerns.
    ///   - name: Its name, for people.
    ///   - time: When, in seconds.
    package mutating func note(_ event: Event, of id: ModelID, name: String, at time: Double) {
        let position = position(of: id, name)
        switch event {
        case .granted(let waited):
            models[position].open.append(Lease(granted: time, waited: max(0, waited)))
        case .released(let held): close(position, grantedAt: time - held, held: max(0, held))
        case .refused: refusals += 1
        case .loadStarted(let bytes):
            models[position].bytes = max(models[position].bytes ?? .zero, bytes)
        case .loadFinished(let seconds):
            if seconds > 0, seconds.isFinite { models[position].loads.append(seconds) }
        }
    }

    /// The workload, in which requests under way end at `end`.
    ///
    /// Models that were not asked for are left out. The load seconds are in the column
    /// `load_s_observed`: the median of the loads that were seen, or else what the others
    /// took for each GB.
    ///
    /// - Parameter end: The end of the recording, in seconds.
    /// - Returns: The requests in order of time, and their models in the order they were first
    ///   heard of.
    package func workload(until end: Double) -> Workload {
        var requests = requests
        for (position, model) in models.enumerated() {
            for lease in model.open {
                requests.append(request(position, lease, held: max(0, end - lease.granted)))
            }
        }
        let used = Set(requests.map(\.model)).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
        let sorted = requests.enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }
        return Workload(
            models: used.map(described),
            requests: sorted.compactMap { _, request in
                numbers[request.model].map {
                    Workload.Request(time: request.time, model: $0, service: request.service)
                }
            }
        )
    }

    private mutating func position(of id: ModelID, _ name: String) -> Int {
        if let known = positions[id] { return known }
        positions[id] = models.count
        models.append(Model(id: id, name: name))
        return models.count - 1
    }

    /// Ends the lease whose grant fits best; one that was granted before the recording began is
    /// a request all the same.
    private mutating func close(_ position: Int, grantedAt granted: Double, held: Double) {
        let open = models[position].open
        let best = open.indices.min {
            (abs(open[$0].granted - granted), $0) < (abs(open[$1].granted - granted), $1)
        }
        var lease = Lease(granted: granted, waited: 0)
        if let best, abs(open[best].granted - granted) < 0.001 {
            lease = models[position].open.remove(at: best)
        }
        requests.append(request(position, lease, held: held))
    }

    private func request(_ model: Int, _ lease: Lease, held: Double) -> Workload.Request {
        Workload.Request(
            time: max(0, lease.granted - lease.waited - start),
            model: model,
            service: held
        )
    }

    private func described(_ position: Int) -> Workload.Model {
        let model = models[position]
        let bytes = model.bytes ?? .zero
        let seconds =
            model.loads.isEmpty
            ? expectedLoadSeconds(bytes) : model.loads.sorted()[model.loads.count / 2]
        return Workload.Model(
            id: model.id,
            name: model.name,
            bytes: bytes,
            loadSeconds: ["load_s_observed": seconds]
        )
    }

    /// The seconds that a load of a model would take that was never loaded, judged by the loads of the
    /// others.
    private func expectedLoadSeconds(_ bytes: ByteCount) -> Double {
        var costs = LoadCosts()
        for model in models {
            for seconds in model.loads {
                let load = LoadObservation(bytes: model.bytes ?? .zero, seconds: seconds)
                costs.observe(load, of: model.id)
            }
        }
        // Asked for a model nobody knows, so that it is judged by the others.
        return costs.seconds(of: ModelID(path: "", role: .chat), bytes: bytes)
    }
}
