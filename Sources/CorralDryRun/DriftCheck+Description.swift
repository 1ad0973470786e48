extension DriftCheck: CustomStringConvertible {
    /// The check as a person reads it: which llama.cpp, how many agree, and what does not.
    package var description: String {
        let name = engine?.description ?? "no llama.cpp"
        let silent = cells.filter { if case .noAnswer = $0.verdict { true } else { false } }
        var lines = [
            "\(name): \(cells.count) configurations compared, \(drifts.count) differ, \(silent.count) without an answer"
        ]
        let margins = cells.compactMap { cell in
            if case .agrees(let margin) = cell.verdict { margin } else { nil }
        }.sorted()
        if let least = margins.first, let most = margins.last {
            let median = margins[margins.count / 2]
            lines.append(
                "compute buffer above the truth, in share of the plan: least \(Self.percent(least)), median \(Self.percent(median)), most \(Self.percent(most))"
            )
        }
        lines += (drifts + silent).map(\.description)
        return lines.joined(separator: "\n")
    }

    static func percent(_ share: Double) -> String {
        let hundredths = Int((share * 10_000).rounded())
        let sign = hundredths < 0 ? "-" : ""
        let (whole, rest) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
        return "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest) %"
    }
}

extension DriftCheck.Cell: CustomStringConvertible {
    /// The cell on one line.
    package var description: String {
        let what =
            switch verdict {
            case .agrees(let margin): "agrees (compute +\(DriftCheck.percent(margin)))"
            case .differs(let differences):
                differences.map(\.description).joined(separator: ", ")
            case .bothRefuse: "refused by both"
            case .onlyPlannerRefuses(let why): "refused by the planner alone: \(why)"
            case .onlyEngineRefuses(let why): "refused by llama.cpp alone: \(why)"
            case .noAnswer(let error): "no answer: \(error.message)"
            }
        return "\(file) \(configuration): \(what)"
    }
}

extension DriftCheck.Difference: CustomStringConvertible {
    /// The difference in a few words.
    package var description: String {
        "\(buffer.map { "\($0) " } ?? "")\(part) \(analytic) planned, \(dryRun) in llama.cpp"
    }
}
