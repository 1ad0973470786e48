/// Rows in aligned columns that fit into a given width.
struct Table: Sendable {
    /// How a column is laid out.
    struct Column: Sendable {
        var title: String
        var isNumeric = false
        /// Whether it may be cut where room is short; the others never are.
        var isFlexible = false

        static func text(_ title: String) -> Column { Column(title: title) }
        static func number(_ title: String) -> Column { Column(title: title, isNumeric: true) }
        static func flexible(_ title: String) -> Column { Column(title: title, isFlexible: true) }
    }

    let columns: [Column]
    private(set) var rows: [[String]] = []

    init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row; cells that are missing are empty.
    mutating func add(_ cells: [String]) {
        let flat = cells.prefix(columns.count).map {
            // A line break in a title or a chat template would tear the table apart.
            String($0.map { $0.isNewline || $0 == "\t" ? " " : $0 })
        }
        rows.append(flat + Array(repeating: "", count: columns.count - flat.count))
    }

    /// The lines.
    ///
    /// - Parameter width: The columns of the terminal; `nil` for no limit.
    /// - Returns: The heading and the rows.
    func lines(width: Int? = nil) -> [String] {
        let gap = 2
        var widths = columns.indices.map { column in
            ([columns[column].title] + rows.map { $0[column] }).map(\.count).max() ?? 0
        }
        if let width {
            var excess = widths.reduce(0, +) + gap * (columns.count - 1) - width
            while excess > 0 {
                let candidates = columns.indices.filter {
                    columns[$0].isFlexible && widths[$0] > Self.smallest
                }
                guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
                widths[widest] -= 1
                excess -= 1
            }
        }
        return ([columns.map(\.title)] + rows).map { cells in
            let line = columns.indices.map { column in
                Self.aligned(cells[column], widths[column], right: columns[column].isNumeric)
            }.joined(separator: String(repeating: " ", count: gap))
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    /// Prints the table, its heading set off.
    func print(to console: Console) {
        for (index, line) in lines(width: console.width).enumerated() {
            console.print(index == 0 ? console.styled(line, .bold) : line)
        }
    }

    /// The letters of a cut column that stay at least.
    private static let smallest = 12

    private static func aligned(_ text: String, _ width: Int, right: Bool) -> String {
        guard text.count <= width else { return text.prefix(max(0, width - 1)) + "…" }
        let padding = String(repeating: " ", count: width - text.count)
        return right ? padding + text : text + padding
    }
}
