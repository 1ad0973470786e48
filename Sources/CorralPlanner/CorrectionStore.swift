public import CorralMemory

/// What live processes were found to hold, for every model and way of loading it that was measured.
///
/// A value: who keeps it writes it down. Exact parts of a plan are never scaled by it; it replaces
/// what a plan can only bound, such as a process's own heap.
public struct CorrectionStore: Codable, Hashable, Sendable {
    private struct Entry: Codable, Hashable, Sendable {
        var key: CorrectionKey
        /// The file's name, for people who look.
        var name: String
        /// Which measurement it was; the entries measured longest ago are forgotten first.
        var turn: Int
        var correction: Correction
    }

    /// The format's version; a file of another is not read.
    private var version = Self.currentVersion
    private var entries: [Entry] = []

    /// The version of the format that is written.
    private static let currentVersion = 2

    /// How many entries are kept.
    public static let capacity = 512

    /// No measurements.
    public init() {}

    /// True where a stored text is of a version that this one reads.
    public var isReadable: Bool { version == Self.currentVersion }

    /// How many models and ways of loading them were measured.
    public var count: Int { entries.count }

    /// Adds a measurement.
    ///
    /// - Parameters:
    ///   - measured: What the process held for itself, without pages of files.
    ///   - moment: When.
    ///   - filledTokens: The most tokens that a conversation had had by then.
    ///   - key: What was measured.
    ///   - name: The file's name, for people.
    ///   - plan: What was planned for it.
    public mutating func record(
        _ measured: DomainBytes,
        at moment: Correction.Moment,
        filledTokens: Int,
        for key: CorrectionKey,
        name: String,
        planned plan: MemoryPlan
    ) {
        let turn = (entries.map(\.turn).max() ?? 0) + 1
        var entry =
            entries.first { $0.key == key }
            ?? Entry(key: key, name: name, turn: turn, correction: Correction())
        entry.turn = turn
        entry.correction.record(measured, at: moment, filledTokens: filledTokens, planned: plan)
        entries.removeAll { $0.key == key }
        entries.append(entry)
        entries.sort { $0.turn < $1.turn }
        entries.removeFirst(max(0, entries.count - Self.capacity))
    }

    /// What was measured of one way of loading a model.
    ///
    /// - Parameter key: What was measured.
    /// - Returns: The measurements; `nil` where there are none.
    public subscript(key: CorrectionKey) -> Correction? {
        entries.first { $0.key == key }?.correction
    }

    /// What was measured of a model under one build of the engine.
    ///
    /// - Parameters:
    ///   - files: The model's files (``ModelDescription/fileIdentity``).
    ///   - engine: The engine's build; `nil` for the one measured last.
    /// - Returns: The measurements, by options.
    public func corrections(for files: String?, engine: String? = nil) -> ModelCorrections {
        guard let files else { return .none }
        let mine = entries.filter { $0.key.files == files }
        guard let engine = engine ?? mine.last?.key.engine else { return .none }
        let matching = mine.filter { $0.key.engine == engine }
        return ModelCorrections(
            engine: engine,
            byOptions: Dictionary(
                matching.map { ($0.key.options, $0.correction) },
                uniquingKeysWith: { $1 }
            )
        )
    }
}

/// What was measured of one model under one build of the engine.
public struct ModelCorrections: Hashable, Sendable {
    /// The engine's build.
    public var engine: String

    /// The measurements of each way of loading it (``LoadOptions/correctionText(_:)``).
    public var byOptions: [String: Correction]

    /// Collects measurements.
    ///
    /// - Parameters:
    ///   - engine: The engine's build.
    ///   - byOptions: The measurements of each way of loading the model.
    public init(engine: String, byOptions: [String: Correction]) {
        self.engine = engine
        self.byOptions = byOptions
    }

    /// Nothing was measured.
    public static let none = ModelCorrections(engine: "", byOptions: [:])
}
