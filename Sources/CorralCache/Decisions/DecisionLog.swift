/// The last decisions, oldest first.
struct DecisionLog: Sendable {
    private var records: [DecisionRecord] = []
    /// Where the oldest stands once all places are taken.
    private var oldest = 0
    private let limit: Int
    private(set) var count = 0

    init(limit: Int) {
        self.limit = max(0, limit)
    }

    /// Keeps a record, in place of the oldest where there is no room; numbers it.
    mutating func append(_ record: DecisionRecord) {
        count += 1
        guard limit > 0 else { return }
        var record = record
        record.number = count
        if records.count < limit {
            records.append(record)
        } else {
            records[oldest] = record
            oldest = (oldest + 1) % limit
        }
    }

    /// Whether the newest record is the same refusal; a client that asks again and again must
    /// not push out the rest.
    func repeats(_ error: ModelCacheError) -> Bool {
        guard !records.isEmpty else { return false }
        let newest = records[(oldest + records.count - 1) % records.count]
        guard case .refused(let other) = newest.kind else { return false }
        return other.code == error.code && other.model == error.model
    }

    /// Those that concern `model`, or all; oldest first.
    func records(about model: ModelID?) -> [DecisionRecord] {
        let ordered = records[oldest...] + records[..<oldest]
        guard let model else { return Array(ordered) }
        return ordered.filter { $0.concerns(model) }
    }
}
