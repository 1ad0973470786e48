import CorralCache

/// What clients asked and got.
struct RequestMetrics: Sendable {
    private var requests: [Answer: Int] = [:]
    private var refusals: [String: Int] = [:]
    private var models: [ModelID: Answers] = [:]

    private struct Answer: Hashable {
        var route: String
        var status: Int
    }

    private struct Answers: Sendable {
        var outcomes: [AnswerRecord.Outcome: Int] = [:]
        var seconds = Histogram(Histogram.seconds)
        var firstToken = Histogram(Histogram.seconds)
        var rates = Histogram(Histogram.tokenRates)
        var chunks = 0
        var promptTokens = 0
        var cachedTokens = 0
        var generatedTokens = 0
    }

    /// Counts an answer whose head is decided.
    mutating func answered(route: String, status: Int) {
        requests[Answer(route: route, status: status), default: 0] += 1
    }

    /// Counts an error that a client is told of.
    mutating func refused(code: String) {
        refusals[code, default: 0] += 1
    }

    /// Counts an answer that has ended.
    mutating func record(_ record: AnswerRecord, of model: ModelID) {
        var answers = models[model] ?? Answers()
        answers.outcomes[record.outcome, default: 0] += 1
        if record.outcome == .complete { answers.seconds.observe(record.duration / .seconds(1)) }
        if let time = record.firstEvent { answers.firstToken.observe(time / .seconds(1)) }
        answers.chunks += record.chunks
        if let tokens = record.tokens {
            answers.promptTokens += tokens.prompt
            answers.cachedTokens += tokens.cached
            answers.generatedTokens += tokens.generated
            if let rate = tokens.rate { answers.rates.observe(rate) }
        }
        models[model] = answers
    }

    /// Writes all of it.
    func write(to sheet: inout MetricSheet, labels: (ModelID) -> [String]) {
        for (answer, count) in requests {
            sheet.add(.requests, [answer.route, "\(answer.status)"], count)
        }
        for (code, count) in refusals { sheet.add(.refusals, [code], count) }
        for (model, answers) in models {
            let labels = labels(model)
            for (outcome, count) in answers.outcomes {
                sheet.add(.answers, labels + [outcome.rawValue], count)
            }
            if answers.seconds.count > 0 { sheet.add(.answerSeconds, labels, answers.seconds) }
            if answers.firstToken.count > 0 { sheet.add(.firstToken, labels, answers.firstToken) }
            if answers.rates.count > 0 { sheet.add(.tokenRate, labels, answers.rates) }
            sheet.add(.streamChunks, labels, answers.chunks)
            sheet.add(.promptTokens, labels, answers.promptTokens)
            sheet.add(.cachedTokens, labels, answers.cachedTokens)
            sheet.add(.generatedTokens, labels, answers.generatedTokens)
        }
    }
}
