/// Finds the names somebody may have meant.
///
/// One for all who are asked for something by name: models in a catalogue and behind the API,
/// keys of a configuration.
package enum NearestNames {
    /// The names closest to `text`, the likeliest first.
    ///
    /// A name that begins with the text, or contains it, comes before one that differs by
    /// a few typing errors; of those, the fewer the better.
    ///
    /// - Parameters:
    ///   - text: What was written.
    ///   - names: What could have been.
    ///   - limit: How many to return at most.
    /// - Returns: None where nothing is like the text.
    package static func nearest(
        to text: String,
        among names: some Sequence<String>,
        limit: Int = 3
    ) -> [String] {
        let wanted = text.lowercased()
        guard !wanted.isEmpty else { return [] }
        let scored = Set(names).compactMap { name -> (score: Int, name: String)? in
            let candidate = name.lowercased()
            let bound = max(2, min(wanted.count, candidate.count) / 3)
            let (errors, beginning) = distances(wanted, candidate)
            if errors <= 1 { return (0, name) }
            if candidate.hasPrefix(wanted) || wanted.hasPrefix(candidate) { return (1, name) }
            if wanted.count >= 3, candidate.contains(wanted) { return (2, name) }
            // A name with something of another tool's around it: `library/bge:latest`.
            if candidate.count >= 3, wanted.contains(candidate) { return (2, name) }
            if errors <= bound { return (1 + errors, name) }
            // The beginning of a long name with a typing error in it.
            return beginning <= wanted.count / 5 ? (2 + beginning, name) : nil
        }
        return scored.sorted { $0 < $1 }.prefix(limit).map(\.name)
    }

    /// The least number of letters inserted, deleted, changed or swapped with their neighbour
    /// that make one text of the other (the optimal string alignment distance).
    static func distance(_ first: String, _ second: String) -> Int {
        distances(first, second).whole
    }

    /// The distance to the whole of `second`, and to the beginning of it that is nearest.
    private static func distances(
        _ first: String,
        _ second: String
    ) -> (whole: Int, beginning: Int) {
        let (first, second) = (Array(first.prefix(256)), Array(second.prefix(256)))
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for (row, letter) in first.enumerated() {
            var current = [row + 1]
            for (column, other) in second.enumerated() {
                var best = min(last[column + 1], current[column]) + 1
                best = min(best, last[column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == second[column - 1], first[row - 1] == other {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return (last[second.count], last.min() ?? 0)
    }
}
