/// The last lines a process wrote, however much it wrote.
struct LogTail: Sendable {
    /// How many lines are kept.
    let capacity: Int
    private var lines: [String] = []
    private var next = 0

    init(capacity: Int = 50) {
        self.capacity = capacity
        lines.reserveCapacity(capacity)
    }

    /// The lines kept, the oldest first.
    var recent: [String] { Array(lines[next...] + lines[..<next]) }

    /// Adds a line, forgetting the oldest when there are too many.
    mutating func append(_ line: String) {
        if lines.count < capacity {
            lines.append(line)
        } else {
            lines[next] = line
            next = (next + 1) % capacity
        }
    }
}
