import CorralCache

/// One thing that was counted or measured.
struct MetricSample: Hashable, Sendable {
    /// What samples are added up or sorted into buckets by.
    struct Series: Hashable, Sendable {
        var family: MetricFamily
        /// The model whose name and role are the first labels, where there is one.
        var model: ModelID?
        /// The other labels.
        var labels: [String]

        /// The values of all labels, with models called as `names` has them.
        func labels(_ names: ModelNames) -> [String] {
            (model.map(names.labels(of:)) ?? []) + labels
        }
    }

    var series: Series
    var value: Double

    init(_ family: MetricFamily, _ model: ModelID? = nil, _ labels: [String] = [], _ value: Double)
    {
        series = Series(family: family, model: model, labels: labels)
        self.value = value
    }

    /// What an event of the cache tells that its statistics do not: how long things took, and why.
    static func samples(of event: CacheEvent) -> [MetricSample] {
        switch event.kind {
        case .leaseGranted(hit: false, let waited):
            guard let role = event.model?.role else { return [] }
            return [MetricSample(.queueSeconds, nil, [role.rawValue], waited / .seconds(1))]
        case .leaseReleased(let held):
            return [MetricSample(.leaseSeconds, event.model, [], held / .seconds(1))]
        case .requestRefused(let error):
            let role = event.model?.role.rawValue ?? ""
            return [MetricSample(.cacheRefusals, nil, [role, error.code.description], 1)]
        case .loadFinished(let took, _):
            return [MetricSample(.loadSeconds, event.model, [], took / .seconds(1))]
        case .unloadStarted(let reason):
            return [MetricSample(.evictions, event.model, [reason.label], 1)]
        default: return []
        }
    }

    /// What an answer that has ended tells.
    static func samples(of record: AnswerRecord, from model: ModelID) -> [MetricSample] {
        var samples = [
            MetricSample(.answers, model, [record.outcome.rawValue], 1),
            MetricSample(.streamChunks, model, [], Double(record.chunks)),
            MetricSample(.promptTokens, model, [], Double(record.tokens?.prompt ?? 0)),
            MetricSample(.cachedTokens, model, [], Double(record.tokens?.cached ?? 0)),
            MetricSample(.generatedTokens, model, [], Double(record.tokens?.generated ?? 0)),
        ]
        if record.outcome == .complete {
            samples.append(
                MetricSample(.answerSeconds, model, [], record.duration / .seconds(1))
            )
        }
        if let time = record.firstEvent {
            samples.append(MetricSample(.firstToken, model, [], time / .seconds(1)))
        }
        if let rate = record.tokens?.rate {
            samples.append(MetricSample(.tokenRate, model, [], rate))
        }
        return samples
    }
}

extension ModelNames {
    /// The name and role of a model as labels; a profile is part of the name.
    func labels(of id: ModelID) -> [String] {
        let name = name(of: id)
        return [id.profile.isEmpty ? name : "\(name)@\(id.profile)", id.role.rawValue]
    }
}
