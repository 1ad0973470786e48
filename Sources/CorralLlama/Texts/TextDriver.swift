import CorralCache

/// Turns texts into vectors or scores, those of several requests in one batch.
final class TextDriver: ContextServer {
    private struct Job {
        var job: TextJob
        var results: [[Float]?]
        var missing: Int
        var tokens: Int
    }

    private let context: Context
    private let plan: LlamaPlan
    private let inbox: Inbox
    private let sink: LogSink
    private var jobs: [Inbox.ID: Job] = [:]
    private var queue: TextQueue

    init(_ context: Context, _ plan: LlamaPlan, _ inbox: Inbox, _ sink: LogSink) {
        self.context = context
        self.plan = plan
        self.inbox = inbox
        self.sink = sink
        queue = TextQueue(batchTokens: context.batchTokens, sequences: context.sequences)
    }

    private var isRanking: Bool { plan.model.role == .rerank }

    /// The most tokens of one text: it is computed at once.
    private var longest: Int { min(context.contextTokens, context.batchTokens) }

    var isIdle: Bool { jobs.isEmpty }

    func begin() {}

    func end(isSaving: Bool) { fail(LlamaError.unloaded(plan.model.path)) }

    func fail(_ error: any Error) {
        for job in jobs.values { job.job.continuation.resume(throwing: error) }
        jobs = [:]
        queue.removeAll()
    }

    func handle(_ command: Inbox.Command) {
        switch command {
        case .texts(let job):
            do {
                try begin(job)
            } catch {
                job.continuation.resume(throwing: error)
            }
        case .cancel(let id):
            queue.remove(id)
            jobs.removeValue(forKey: id)?.job.continuation.resume(throwing: CancellationError())
        case .reply, .state:
            command.refuse(
                LlamaError(
                    .wrongRole,
                    "\(plan.model.path) is loaded to \(plan.model.role); load it as .chat for this."
                )
            )
        case .count, .resume: break
        }
    }

    private func begin(_ job: TextJob) throws(LlamaError) {
        let texts: [[Token]]
        switch (job.input, isRanking) {
        case (.embed(let all), false):
            texts = all.map { context.weights.tokens($0, addsSpecial: true, parsesSpecial: true) }
        case (.rerank(let query, let documents), true):
            let prompt = RerankPrompt(context.weights)
            texts = documents.map { prompt.tokens(query, $0) }
        default:
            throw LlamaError(
                .wrongRole,
                "\(plan.model.path) is loaded to \(plan.model.role), not for this."
            )
        }
        for (index, tokens) in texts.enumerated() {
            guard !tokens.isEmpty else {
                throw LlamaError(.badArgument, "Text \(index + 1) is empty; give some text.")
            }
            guard tokens.count <= longest else {
                throw LlamaError(
                    .contextOverflow,
                    "Text \(index + 1) has \(tokens.count) tokens, and the model reads at most \(longest) at once; split it."
                )
            }
        }
        guard !texts.isEmpty else {
            job.continuation.resume(returning: TextJob.Output(vectors: [], tokens: 0))
            return
        }
        jobs[job.id] = Job(
            job: job,
            results: Array(repeating: nil, count: texts.count),
            missing: texts.count,
            tokens: texts.reduce(0) { $0 + $1.count }
        )
        for (index, tokens) in texts.enumerated() { queue.append(job.id, index, tokens) }
    }

    func step() {
        let batch = queue.next()
        guard !batch.isEmpty else { return }
        var entries: [BatchEntry] = []
        for (sequence, text) in batch.enumerated() {
            context.forget(sequence)
            for (position, token) in text.tokens.enumerated() {
                entries.append(
                    BatchEntry(
                        sequence: sequence,
                        position: position,
                        token: token,
                        hasOutput: true
                    )
                )
            }
        }
        inbox.began(for: Set(batch.map(\.job)))
        let outcome = context.compute(entries)
        inbox.finishedBatch()
        switch outcome {
        case .computed:
            for (sequence, text) in batch.enumerated() { deliver(text, sequence) }
        case .abandoned:
            // The texts that are still wanted are computed again, before all others.
            queue.putBack(batch)
        case .noRoom, .failed:
            fail(
                LlamaError(
                    .computeFailed,
                    "llama.cpp could not compute a batch of \(entries.count) tokens (\(outcome)).",
                    logLines: sink.takeErrors()
                )
            )
        }
    }

    private func deliver(_ text: TextQueue.Text, _ sequence: Int) {
        guard var job = jobs[text.job] else { return }
        let width = isRanking ? 1 : context.weights.embeddingWidth
        guard var vector = context.vector(ofSequence: sequence, width: width) else {
            queue.remove(text.job)
            jobs[text.job] = nil
            job.job.continuation.resume(
                throwing: LlamaError(
                    .computeFailed,
                    "\(plan.model.path) yields no vector for a text; choose a pooling other than none."
                )
            )
            return
        }
        if !isRanking, plan.options.normalizes { vector.normalize() }
        job.results[text.index] = vector
        job.missing -= 1
        jobs[text.job] = job
        guard job.missing == 0 else { return }
        jobs[text.job] = nil
        job.job.continuation.resume(
            returning: TextJob.Output(
                vectors: job.results.compactMap(\.self),
                tokens: job.tokens
            )
        )
    }
}

extension [Float] {
    /// Gives a vector length 1; one of zeros stays as it is.
    mutating func normalize() {
        var sum = 0.0
        for value in self { sum += Double(value) * Double(value) }
        guard sum > 0 else { return }
        let factor = Float(1 / sum.squareRoot())
        for index in indices { self[index] *= factor }
    }
}
