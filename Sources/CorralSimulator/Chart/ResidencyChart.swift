import CorralMemory

/// Draws which models were resident over time, with loads and evictions, as SVG.
package struct ResidencyChart: Sendable {
    private let runs: [SimulationRun]
    private let workload: Workload
    private let end: Double
    /// The models with a colour of their own, from the bottom up.
    private let models: [Int]

    /// Prepares a chart with one panel for each run.
    ///
    /// - Parameters:
    ///   - runs: Replays of one workload.
    ///   - workload: The workload.
    package init(_ runs: [SimulationRun], of workload: Workload) {
        self.runs = runs
        self.workload = workload
        let results = runs.map(\.result)
        let last = results.compactMap { $0.changes.last?.time }.max() ?? 0
        end = max(last, workload.requests.last?.time ?? 0, 1)
        models = ResidencyBands.largest(
            results,
            of: workload,
            end: end,
            count: Layout.colours.count
        )
    }

    private enum Layout {
        static let (columns, columnWidth) = (460, 2.0)
        static let width = Double(columns) * columnWidth
        static let (left, right, top) = (76.0, 34.0, 40.0)
        /// Of one panel: its title, the memory, the counts below it, the gap to the next.
        static let (title, memory, between, counts, gap) = (26.0, 150.0, 10.0, 40.0, 46.0)
        static let panel = title + memory + between + counts + gap
        static let (legendRow, swatch) = (20.0, 11.0)
        /// Apart from each other also for the colour-blind (Okabe and Ito 2008), then paler.
        static let colours = [
            "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#8c6bb1",
            "#7fbf9f", "#b2967d", "#a6cee3",
        ]
        static let others = "#c8ccd0"
        static let style = """
            text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;\
            fill:#4b5563}
            .h{font-size:14px;font-weight:600;fill:#111827}.s{fill:#6b7280}\
            .t{font-size:17px;font-weight:600;fill:#111827}
            .a{stroke:#9ca3af}.g{stroke:#e5e7eb}\
            .b{stroke:#b91c1c;stroke-width:1.3;stroke-dasharray:5 3}
            .l{fill:#2563eb}.e{fill:#dc6803}.r{fill:#b91c1c;font-weight:600}path{fill-opacity:.88}
            """
    }

    /// The drawing.
    package var svg: String {
        let legend = legend
        let panels = Layout.panel * Double(runs.count)
        let (width, height) = (
            Layout.left + Layout.width + Layout.right,
            Layout.top + panels + legend.height + 16
        )
        var lines = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(SVG.number(width))" \
            height="\(SVG.number(height))" viewBox="0 0 \(SVG.number(width)) \
            \(SVG.number(height))">
            """,
            "<title>Resident models over time</title>",
            "<style>\(Layout.style)</style>",
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
            SVG.text("Memory in use, by model", 16, 27, class: "t"),
            SVG.text(
                "\(workload.requests.count) requests for \(workload.models.count) models",
                width - Layout.right,
                27,
                class: "s",
                anchor: "end"
            ),
        ]
        let panelBands = runs.map { run in
            ResidencyBands(
                run.result,
                of: workload,
                models: models,
                columns: Layout.columns,
                end: end
            )
        }
        // One scale for all, so that panels can be compared.
        let most = panelBands.flatMap { $0.loads + $0.evictions }.max() ?? 0
        for (index, run) in runs.enumerated() {
            let top = Layout.top + Layout.panel * Double(index) + Layout.title
            lines.append(
                "<g transform=\"translate(\(SVG.number(Layout.left)),\(SVG.number(top)))\">"
            )
            lines += panel(run, panelBands[index], most: max(1, most))
            lines.append("</g>")
        }
        lines.append(
            "<g transform=\"translate(\(SVG.number(Layout.left)),\(SVG.number(Layout.top + panels)))\">"
        )
        lines += legend.lines
        lines += ["</g>", "</svg>"]
        return lines.joined(separator: "\n") + "\n"
    }

    private func panel(_ run: SimulationRun, _ bands: ResidencyBands, most: Int) -> [String] {
        title(of: run) + memory(bands, run) + counts(bands, most: most) + times()
    }

    private func title(of run: SimulationRun) -> [String] {
        let result = run.result
        let seconds = Int(result.loadSeconds.rounded())
        var facts = "\(result.loads) loads, \(seconds) s of loading, \(result.evictions) evictions"
        if result.expirations > 0 { facts += ", \(result.expirations) left idle" }
        if run.isTimed {
            facts += ", \(Int(result.waitSeconds.rounded())) s waited"
            if result.refusals > 0 { facts += ", \(result.refusals) refused" }
        }
        return [
            SVG.text(result.policy, 0, -9, class: "h"),
            SVG.text(facts, Layout.width, -9, anchor: "end"),
            SVG.text(
                "\(run.cost), \(run.budgetText)",
                Double(result.policy.count) * 8.5 + 14,
                -9,
                class: "s"
            ),
        ]
    }

    private func memory(_ bands: ResidencyBands, _ run: SimulationRun) -> [String] {
        let budget = Double(max(1, run.budget.rawValue))
        // A little more than the budget, so that its line does not stick to the edge.
        let scale = Layout.memory / (budget * 1.04)
        func level(_ bytes: Double) -> Double { Layout.memory - bytes * scale }
        let gigabytes = budget / 1e9
        var lines: [String] = []
        for tick in AxisTicks.round(upTo: gigabytes, count: 5) {
            let y = level(tick * 1e9)
            // The budget's own label stands there.
            if y - level(budget) < 13 { continue }
            lines.append(SVG.line(0, y, Layout.width, y, class: tick == 0 ? "a" : "g"))
            let label = tick == tick.rounded() ? "\(Int(tick))" : "\(tick)"
            lines.append(SVG.text("\(label) GB", -8, y + 4, anchor: "end"))
        }
        var below = [Double](repeating: 0, count: Layout.columns)
        for (index, band) in bands.bands.enumerated() {
            let above = zip(below, band.bytes).map(+)
            if above != below {
                let fill = band.model == nil ? Layout.others : Layout.colours[index]
                lines.append(
                    SVG.steps(
                        lower: below.map(level),
                        upper: above.map(level),
                        width: Layout.columnWidth,
                        fill: fill
                    )
                )
            }
            below = above
        }
        lines.append(SVG.line(0, level(budget), Layout.width, level(budget), class: "b"))
        lines.append(SVG.text(run.budgetText, -8, level(budget) + 4, class: "r", anchor: "end"))
        return lines
    }

    /// Loads up and evictions down from a line.
    private func counts(_ bands: ResidencyBands, most: Int) -> [String] {
        let half = Layout.counts / 2
        let middle = Layout.memory + Layout.between + half
        func bars(_ counts: [Int], up: Bool) -> String {
            var path = ""
            for (column, count) in counts.enumerated() where count > 0 {
                let length = half * Double(count) / Double(most)
                let x = SVG.number(Double(column) * Layout.columnWidth)
                let width = SVG.number(Layout.columnWidth)
                path += "M\(x) \(SVG.number(middle))v\(SVG.number(up ? -length : length))"
                path += "h\(width)V\(SVG.number(middle))z"
            }
            return path.isEmpty ? "" : "<path d=\"\(path)\" class=\"\(up ? "l" : "e")\"/>"
        }
        return [
            bars(bands.loads, up: true), bars(bands.evictions, up: false),
            SVG.line(0, middle, Layout.width, middle, class: "a"),
            SVG.text("loads", -8, middle - 5, anchor: "end"),
            SVG.text("evictions", -8, middle + 14, anchor: "end"),
            SVG.text("\(most)", Layout.width + 4, middle - half + 9, class: "s"),
        ].filter { !$0.isEmpty }
    }

    private func times() -> [String] {
        let bottom = Layout.memory + Layout.between + Layout.counts
        return AxisTicks.times(upTo: end, count: 14).flatMap { tick in
            let x = Layout.width * tick.seconds / end
            return [
                SVG.line(x, bottom, x, bottom + 4, class: "a"),
                SVG.text(tick.label, x, bottom + 17, anchor: "middle"),
            ]
        }
    }

    /// Which colour is which model.
    private var legend: (lines: [String], height: Double) {
        let names = models.map { workload.models[$0].name }
        var entries = zip(names, Layout.colours).map { ($0, $1) }
        if workload.models.count > models.count { entries.append(("all others", Layout.others)) }
        var (x, y) = (0.0, 0.0)
        var lines: [String] = []
        for (name, colour) in entries {
            // Seven units a letter are enough for the font, whichever it is.
            let width = Layout.swatch + 24 + Double(name.count) * 7
            if x > 0, x + width > Layout.width { (x, y) = (0, y + Layout.legendRow) }
            let size = SVG.number(Layout.swatch)
            lines.append(
                """
                <rect x="\(SVG.number(x))" y="\(SVG.number(y))" width="\(size)" height="\(size)" \
                rx="2" fill="\(colour)"/>
                """
            )
            lines.append(SVG.text(name, x + Layout.swatch + 6, y + 10))
            x += width
        }
        return (lines, y + Layout.legendRow)
    }
}
