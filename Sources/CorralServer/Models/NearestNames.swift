/// The names a person may have meant.
enum NearestNames {
    /// How many are offered.
    static let limit = 3

    /// The names nearest to `name`, the nearest first.
    ///
    /// Those that contain it, or that it contains, come before others; those that
    /// have little in common with it do not come at all.
    static func to(_ name: String, among candidates: [String]) -> [String] {
        let wanted = Array(name.lowercased().utf8.prefix(128))
        var seen: Set<String> = []
        let ranked = candidates.filter { seen.insert($0).inserted }.compactMap {
            candidate -> (rank: Int, name: String)? in
            let known = Array(candidate.lowercased().utf8.prefix(128))
            let contains = !wanted.isEmpty && (known.contains(wanted) || wanted.contains(known))
            let edits = distance(wanted, known)
            // Beyond half its letters changed, a name is another name.
            guard contains || edits * 2 <= max(wanted.count, known.count) else { return nil }
            return (contains ? edits - 1_000 : edits, candidate)
        }
        return ranked.sorted { ($0.rank, $0.name) < ($1.rank, $1.name) }
            .prefix(limit).map(\.name)
    }

    /// The fewest insertions, deletions and substitutions that turn one text into
    /// the other (Levenshtein 1966), one row of the table at a time.
    static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var row = Array(0...second.count)
        for (index, letter) in first.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in second.enumerated() {
                let substituted = diagonal + (letter == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substituted, diagonal + 1, row[column] + 1)
            }
        }
        return row[second.count]
    }
}
