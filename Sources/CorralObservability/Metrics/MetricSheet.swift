/// The values of all metrics at one moment, which can be written in Prometheus's text format 0.0.4
/// (prometheus.io/docs/instrumenting/exposition_formats).
///
/// Series whose labels are the same are one: values that meet are added up, so
/// that no series ever stands twice.
package struct MetricSheet: Sendable {
    private var values: [MetricFamily: [[String]: Double]] = [:]
    private var histograms: [MetricFamily: [[String]: Histogram]] = [:]

    /// Adds a value.
    ///
    /// - Parameters:
    ///   - family: The metric.
    ///   - labels: The values of its labels, in the order of their names.
    ///   - value: The value.
    mutating func add(_ family: MetricFamily, _ labels: [String] = [], _ value: Double) {
        precondition(labels.count == family.labels.count, "\(family.name) has other labels")
        values[family, default: [:]][labels, default: 0] += value
    }

    /// Adds a whole number.
    mutating func add(_ family: MetricFamily, _ labels: [String] = [], _ value: some BinaryInteger)
    {
        add(family, labels, Double(value))
    }

    /// Adds the observations of a histogram.
    mutating func add(_ family: MetricFamily, _ labels: [String], _ histogram: Histogram) {
        precondition(labels.count == family.labels.count, "\(family.name) has other labels")
        if histograms[family]?[labels] == nil {
            histograms[family, default: [:]][labels] = histogram
        } else {
            histograms[family]?[labels]? += histogram
        }
    }

    /// The values of counters and gauges, with the values of their labels.
    var scalars: [(family: MetricFamily, labels: [String], value: Double)] {
        values.flatMap { family, series in series.map { (family, $0.key, $0.value) } }
    }

    /// Every metric there is, those without a value too, so that a reader can tell "none yet"
    /// from "there is no such metric".
    package var text: String {
        var text = ""
        for family in MetricFamily.all {
            text += "# HELP \(family.name) \(family.help)\n"
            text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
            for (labels, value) in (values[family] ?? [:]).sorted(by: Self.precedes) {
                Self.line(family.name, family.labels, labels, value, to: &text)
            }
            for (labels, histogram) in (histograms[family] ?? [:]).sorted(by: Self.precedes) {
                Self.lines(family, labels, histogram, to: &text)
            }
        }
        return text
    }

    private static func precedes<Value>(
        _ first: (key: [String], value: Value),
        _ second: (key: [String], value: Value)
    ) -> Bool {
        first.key.lexicographicallyPrecedes(second.key)
    }

    private static func lines(
        _ family: MetricFamily,
        _ labels: [String],
        _ histogram: Histogram,
        to text: inout String
    ) {
        let names = family.labels + ["le"]
        let bounds = histogram.bounds.map(number) + ["+Inf"]
        var total: UInt64 = 0
        for (bound, count) in zip(bounds, histogram.counts) {
            total += count
            line("\(family.name)_bucket", names, labels + [bound], Double(total), to: &text)
        }
        line("\(family.name)_sum", family.labels, labels, histogram.sum, to: &text)
        line("\(family.name)_count", family.labels, labels, Double(total), to: &text)
    }

    private static func line(
        _ name: String,
        _ names: [String],
        _ labels: [String],
        _ value: Double,
        to text: inout String
    ) {
        text += name
        if !names.isEmpty {
            let pairs = zip(names, labels).map { "\($0)=\"\(escaped($1))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(number(value))\n"
    }

    /// A label's value: backslash, quote and line feed are escaped, nothing else is.
    private static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else {
            return value
        }
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// Whole numbers without a fraction, as people read bytes.
    private static func number(_ value: Double) -> String {
        guard let whole = Int64(exactly: value), whole.magnitude < 1 << 53 else {
            return "\(value)"
        }
        return "\(whole)"
    }
}
