/// The few shapes a chart is drawn with.
enum SVG {
    /// A coordinate with at most one decimal.
    static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0
            ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    static func text(
        _ text: String,
        _ x: Double,
        _ y: Double,
        class style: String = "",
        anchor: String = "start"
    ) -> String {
        let style = style.isEmpty ? "" : " class=\"\(style)\""
        let anchor = anchor == "start" ? "" : " text-anchor=\"\(anchor)\""
        return
            "<text x=\"\(number(x))\" y=\"\(number(y))\"\(style)\(anchor)>\(escaped(text))</text>"
    }

    static func line(
        _ x1: Double,
        _ y1: Double,
        _ x2: Double,
        _ y2: Double,
        class style: String
    ) -> String {
        """
        <line x1="\(number(x1))" y1="\(number(y1))" x2="\(number(x2))" y2="\(number(y2))" \
        class="\(style)"/>
        """
    }

    /// The area between two outlines, drawn as steps that are `width` wide.
    static func steps(lower: [Double], upper: [Double], width: Double, fill: String) -> String {
        var path = ""
        func walk(_ levels: [Double], _ columns: [Int], forward: Bool) {
            for column in columns {
                path += "V\(number(levels[column]))"
                let edge = Double(forward ? column + 1 : column) * width
                path += "H\(number(edge))"
            }
        }
        guard let first = upper.first else { return "" }
        path = "M0 \(number(first))"
        walk(upper, runs(upper, forward: true), forward: true)
        walk(lower, runs(lower, forward: false), forward: false)
        return "<path d=\"\(path)Z\" fill=\"\(fill)\"/>"
    }

    /// The last column of each run of one level, in the order in which it is walked.
    private static func runs(_ levels: [Double], forward: Bool) -> [Int] {
        let order = forward ? Array(levels.indices) : levels.indices.reversed()
        return order.indices.compactMap { index in
            let isLast = index + 1 == order.count
            let ends = isLast || number(levels[order[index]]) != number(levels[order[index + 1]])
            return ends ? order[index] : nil
        }
    }

    static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
    }
}
