import Testing

@testable import CorralObservability

/// The text that Prometheus reads.
@Suite struct MetricSheetTests {
    private func lines(_ sheet: MetricSheet, of family: MetricFamily) -> [String] {
        sheet.text.split(separator: "\n").map(String.init).filter {
            $0.hasPrefix(family.name + "{") || $0.hasPrefix(family.name + " ")
                || $0.hasPrefix(family.name + "_")
        }
    }

    @Test func `every metric is introduced once, whether it has a value or not`() {
        let text = MetricSheet().text.split(separator: "\n").map(String.init)
        #expect(text.count == 2 * MetricFamily.all.count)
        for family in MetricFamily.all {
            #expect(text.contains("# HELP \(family.name) \(family.help)"))
            #expect(text.contains("# TYPE \(family.name) \(family.kind.rawValue)"))
        }
        #expect(Set(MetricFamily.all.map(\.name)).count == MetricFamily.all.count)
    }

    @Test(arguments: MetricFamily.all)
    func `a metric is named as Prometheus asks`(family: MetricFamily) {
        #expect(family.name.allSatisfy { $0 == "_" || ($0.isASCII && $0.isLowercase) })
        #expect(family.name.hasSuffix("_total") == (family.kind == .counter))
        #expect(!family.help.contains("\n") && !family.help.contains("\\"))
        let isTime = family.kind == .histogram && family.name.hasSuffix("_seconds")
        #expect(family.kind != .histogram || isTime || family == .tokenRate)
        #expect(!family.labels.contains("le"))
    }

    @Test func `values of the same labels are one series`() {
        var sheet = MetricSheet()
        sheet.add(.hits, ["a", "chat"], 2)
        sheet.add(.hits, ["a", "chat"], 3)
        sheet.add(.hits, ["a", "embed"], 1)
        #expect(
            lines(sheet, of: .hits) == [
                #"corral_hits_total{model="a",role="chat"} 5"#,
                #"corral_hits_total{model="a",role="embed"} 1"#,
            ]
        )
    }

    @Test func `a label can hold anything`() {
        var sheet = MetricSheet()
        sheet.add(.policy, ["a\"b\\c\nd é"], 1)
        #expect(lines(sheet, of: .policy) == [#"corral_policy_info{policy="a\"b\\c\nd é"} 1"#])
    }

    @Test func `buckets add up to the count`() {
        var histogram = Histogram([0.5, 1])
        for value in [0.25, 0.5, 0.75, 9, .nan, .infinity] { histogram.observe(value) }
        var sheet = MetricSheet()
        sheet.add(.queueSeconds, ["chat"], histogram)
        sheet.add(.queueSeconds, ["chat"], histogram)
        #expect(
            lines(sheet, of: .queueSeconds) == [
                #"corral_queue_wait_seconds_bucket{role="chat",le="0.5"} 4"#,
                #"corral_queue_wait_seconds_bucket{role="chat",le="1"} 6"#,
                #"corral_queue_wait_seconds_bucket{role="chat",le="+Inf"} 8"#,
                #"corral_queue_wait_seconds_sum{role="chat"} 21"#,
                #"corral_queue_wait_seconds_count{role="chat"} 8"#,
            ]
        )
    }

    @Test func `large numbers of bytes are written out`() {
        var sheet = MetricSheet()
        sheet.add(.budget, ["host"], Int64(1) << 50)
        sheet.add(.planError, ["a", "chat"], -0.125)
        #expect(
            lines(sheet, of: .budget)
                == [#"corral_memory_budget_bytes{domain="host"} 1125899906842624"#]
        )
        #expect(
            lines(sheet, of: .planError)
                == [#"corral_plan_error_ratio{model="a",role="chat"} -0.125"#]
        )
    }
}
