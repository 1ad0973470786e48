/// Comma-separated lines under a heading; no quotes, for neither names nor numbers need them.
struct CSVTable {
    /// A line of the table.
    struct Row {
        /// Its number in the file, from 1.
        var line: Int
        private let cells: [String]

        init(line: Int, cells: [String]) {
            self.line = line
            self.cells = cells
        }

        subscript(column: Int) -> String { cells[column] }

        /// A finite number that is not negative.
        func number(_ column: Int) throws(SimulationError) -> Double {
            guard let number = Double(cells[column]), number.isFinite, number >= 0 else {
                throw SimulationError(
                    .badLine,
                    "“\(cells[column])” should be a number from zero.",
                    line: line
                )
            }
            return number
        }
    }

    let heading: [String]
    let rows: [Row]
    private let name: String

    init(_ bytes: [UInt8], of name: String) throws(SimulationError) {
        let plain = Gzip.isCompressed(bytes) ? try Gzip.unpacked(bytes) : bytes
        var heading: [String]?
        var rows: [Row] = []
        var line = 0
        for text in plain.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            line += 1
            let content = text.last == UInt8(ascii: "\r") ? text.dropLast() : text
            if content.isEmpty { continue }
            let cells = content.split(
                separator: UInt8(ascii: ","),
                omittingEmptySubsequences: false
            ).map { String(decoding: $0, as: UTF8.self) }
            guard let titles = heading else {
                heading = cells
                continue
            }
            guard cells.count == titles.count else {
                throw SimulationError(
                    .badLine,
                    "There are \(cells.count) cells under \(titles.count) headings.",
                    line: line
                )
            }
            rows.append(Row(line: line, cells: cells))
        }
        guard let heading else {
            throw SimulationError(.empty, "The table of \(name) is empty.")
        }
        self.heading = heading
        self.rows = rows
        self.name = name
    }

    func column(_ title: String) throws(SimulationError) -> Int {
        guard let column = heading.firstIndex(of: title) else {
            throw SimulationError(
                .missingColumn,
                """
                The table of \(name) has no column \(title); its heading is \
                \(heading.joined(separator: ",")).
                """
            )
        }
        return column
    }

    func text(_ title: String, in row: Row) -> String? {
        heading.firstIndex(of: title).map { row[$0] }
    }
}
