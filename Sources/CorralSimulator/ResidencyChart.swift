public import CorralMemory

/// Draws resident memory over time, with loads and evictions, as SVG.
public struct ResidencyChart: Sendable {
    private let results: [SimulationResult]
    private let budget: ByteCount
    private let end: Double

    /// Prepares a chart with one panel for each result.
    ///
    /// - Parameters:
    ///   - results: Replays of one workload.
    ///   - workload: The workload.
    ///   - budget: What may be resident at most.
    public init(_ results: [SimulationResult], of workload: Workload, budget: ByteCount) {
        self.results = results
        self.budget = budget
        let last = results.compactMap { $0.changes.last?.time }.max() ?? 0
        end = max(last, workload.requests.last?.time ?? 0, 1)
    }

    /// What happens in the time that one column of the drawing stands for.
    private struct Column {
        var resident = 0.0
        var loads = 0
        var evictions = 0
    }

    private enum Layout {
        static let (columns, left, right, top) = (900, 70, 20, 34)
        static let (memory, counts, gap) = (120, 34, 62)
        static let width = left + columns + right
        static let panel = memory + counts + gap
    }

    /// The drawing.
    public var svg: String {
        let height = Layout.top + Layout.panel * results.count
        var lines = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Layout.width)" height="\(height)" \
            viewBox="0 0 \(Layout.width) \(height)" font-family="sans-serif" font-size="12">
            """,
            #"<rect width="100%" height="100%" fill="white"/>"#,
        ]
        for (index, result) in results.enumerated() {
            let top = Layout.top + Layout.panel * index
            lines.append("<g transform=\"translate(\(Layout.left),\(top))\">")
            lines += panel(result)
            lines.append("</g>")
        }
        lines.append("</svg>")
        return lines.joined(separator: "\n") + "\n"
    }

    private func panel(_ result: SimulationResult) -> [String] {
        let columns = columns(of: result)
        let (memory, counts, width) = (Layout.memory, Layout.counts, Layout.columns)
        let most = max(1, columns.map { max($0.loads, $0.evictions) }.max() ?? 1)
        var area = "M0 \(memory)"
        var bars: [String] = []
        for (x, column) in columns.enumerated() {
            let share = column.resident / Double(max(1, budget.rawValue))
            area += " L\(x) \(decimal(Double(memory) * (1 - min(1, share))))"
            bars.append(bar(x, column.loads, most, up: true))
            bars.append(bar(x, column.evictions, most, up: false))
        }
        area += " L\(width - 1) \(memory) Z"
        let middle = memory + 10 + counts / 2
        let title = escaped(
            """
            \(result.policy): \(result.loads) loads, \(result.evictions) evictions, \
            \(Int(result.loadSeconds.rounded())) s of loading
            """
        )
        return [
            "<text x=\"0\" y=\"-8\" font-weight=\"bold\">\(title)</text>",
            "<path d=\"\(area)\" fill=\"#9ecae1\"/>",
            """
            <line x1="0" y1="0" x2="\(width)" y2="0" stroke="#d62728" stroke-dasharray="4 3"/>
            """,
            label(-6, 4, "\(budget)"),
            label(-6, memory, "0"),
            label(-6, middle - 4, "loads"),
            label(-6, middle + 12, "evictions"),
        ] + bars.filter { !$0.isEmpty } + [
            "<line x1=\"0\" y1=\"\(middle)\" x2=\"\(width)\" y2=\"\(middle)\" stroke=\"#999\"/>",
            label(0, middle + counts / 2 + 16, "0 h", anchor: "start"),
            label(width, middle + counts / 2 + 16, "\(decimal(end / 3600)) h"),
        ]
    }

    /// The mean of what is resident in each column, and what happens in it.
    private func columns(of result: SimulationResult) -> [Column] {
        var columns = [Column](repeating: Column(), count: Layout.columns)
        let span = end / Double(Layout.columns)
        var (time, resident) = (0.0, 0.0)
        func spread(until stop: Double) {
            while time < stop {
                let column = min(Layout.columns - 1, Int(time / span))
                let edge = column == Layout.columns - 1 ? stop : span * Double(column + 1)
                let next = max(min(stop, edge), time.nextUp)
                columns[column].resident += resident * (next - time) / span
                time = next
            }
        }
        for change in result.changes {
            spread(until: min(change.time, end))
            resident = Double(change.resident)
            let column = min(Layout.columns - 1, Int(change.time / span))
            switch change.kind {
            case .loaded: columns[column].loads += 1
            case .evicted: columns[column].evictions += 1
            case .left: break
            }
        }
        spread(until: end)
        return columns
    }

    private func bar(_ x: Int, _ count: Int, _ most: Int, up: Bool) -> String {
        guard count > 0 else { return "" }
        let middle = Double(Layout.memory + 10 + Layout.counts / 2)
        let length = Double(Layout.counts / 2) * Double(count) / Double(most)
        return """
            <rect x="\(x)" y="\(decimal(up ? middle - length : middle))" width="1" \
            height="\(decimal(length))" fill="\(up ? "#3182bd" : "#e6550d")"/>
            """
    }

    private func label(_ x: Int, _ y: Int, _ text: String, anchor: String = "end") -> String {
        "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\">\(escaped(text))</text>"
    }

    private func decimal(_ value: Double) -> String {
        "\((value * 10).rounded() / 10)"
    }

    private func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
    }
}
