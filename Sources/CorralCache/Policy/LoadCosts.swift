public import CorralMemory

/// How long models take to load, learned from how long they took.
///
/// Loads from storage and from the page cache are kept apart, for they differ by an order of
/// magnitude. Averages are of logarithms, so that one slow load does not weigh like ten.
package struct LoadCosts: Hashable, Sendable {
    /// Seconds, by model.
    private(set) var models: [ModelID: LoadAverages] = [:]
    /// Seconds per GB beyond the start, by storage.
    var storages: [String: LoadAverages] = [:]
    /// Seconds per GB beyond the start, over all storages.
    var machine = LoadAverages()

    /// Costs of which nothing was observed yet.
    package init() {}

    /// Learns from a load.
    package mutating func observe(_ load: LoadObservation, of model: ModelID) {
        guard load.seconds > 0, load.seconds.isFinite else { return }
        let seconds = ElementaryFunctions.logarithm(load.seconds)
        // Two fifths for the latest load: of 0.2 to 1.0 the best for loads whose logarithm
        // scatters by 0.35 (docs/policy.md).
        models[model, default: LoadAverages()][load.isCached].add(seconds, floor: 0.4)
        // What a small load takes is mostly its start, and says nothing of a large one.
        guard load.bytes >= Self.tellingSize else { return }
        let perGB = max(load.seconds - Self.startSeconds, 1e-3) / Self.gigabytes(load.bytes)
        let logarithm = ElementaryFunctions.logarithm(perGB)
        storages[load.storage, default: LoadAverages()][load.isCached].add(logarithm, floor: 0.1)
        machine[load.isCached].add(logarithm, floor: 0.1)
    }

    /// How long the next load of a model will take, in seconds.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - bytes: What it holds; only asked for when the model was never loaded so.
    ///   - isCached: Whether its file is, or will stay, in the page cache.
    ///   - storage: What its file is stored on, as it was named when loads were observed.
    /// - Returns: What was observed of the model itself; of its storage, if it was never
    ///   loaded so; of the machine; or else what an NVMe disk of 2.5 GB/s gives.
    package func seconds(
        of model: ModelID,
        bytes: @autoclosure () -> ByteCount,
        isCached: Bool = false,
        storage: String = ""
    ) -> Double {
        if let known = models[model]?[isCached].value { return known }
        let perGB =
            storages[storage]?[isCached].value ?? machine[isCached].value
            ?? (isCached ? Self.cachedSecondsPerGB : Self.coldSecondsPerGB)
        return Self.startSeconds + perGB * Self.gigabytes(bytes())
    }

    /// Whether a load of this model, cached or not, was ever observed.
    package func isObserved(_ model: ModelID, isCached: Bool) -> Bool {
        models[model]?[isCached].value != nil
    }

    /// Takes over what was learned of a model before.
    mutating func restore(_ averages: LoadAverages, of model: ModelID) {
        models[model] = averages
    }

    /// Below this a load's time does not tell how fast its storage is.
    private static let tellingSize = ByteCount.mebibytes(256)
    /// What a load takes beside reading: a process that starts, buffers that are allocated.
    private static let startSeconds = 0.8
    /// An NVMe disk of 2.5 GB/s.
    private static let coldSecondsPerGB = 0.4
    /// Memory that is copied at 8 GB/s.
    private static let cachedSecondsPerGB = 0.125

    private static func gigabytes(_ bytes: ByteCount) -> Double {
        Double(bytes.rawValue) / 1e9
    }
}

/// How long one load took, and of what.
public struct LoadObservation: Hashable, Sendable {
    /// What the model holds.
    public var bytes: ByteCount
    /// From the request to load it until it was ready.
    public var seconds: Double
    /// Whether its file was in the page cache.
    public var isCached: Bool
    /// A name for what its file is stored on, such as a mount point.
    public var storage: String

    /// Creates an observation.
    public init(
        bytes: ByteCount,
        seconds: Double,
        isCached: Bool = false,
        storage: String = ""
    ) {
        self.bytes = bytes
        self.seconds = seconds
        self.isCached = isCached
        self.storage = storage
    }
}

/// What loads took, from storage and from the page cache.
struct LoadAverages: Hashable, Sendable, Codable {
    /// An average of logarithms.
    struct Average: Hashable, Sendable, Codable {
        private var logarithm = 0.0
        private var count = 0.0

        /// Counts an observation; later ones weigh at least `floor`, so that a new disk is noticed.
        mutating func add(_ value: Double, floor: Double) {
            count += 1
            logarithm += max(floor, 1 / count) * (value - logarithm)
        }

        /// The average, no logarithm any more; `nil` where nothing was observed.
        var value: Double? {
            count > 0 && logarithm.isFinite ? ElementaryFunctions.exponential(logarithm) : nil
        }
    }

    private var cold = Average()
    private var cached = Average()

    subscript(isCached: Bool) -> Average {
        get { isCached ? cached : cold }
        set { if isCached { cached = newValue } else { cold = newValue } }
    }
}
