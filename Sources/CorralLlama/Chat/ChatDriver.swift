import CorralCache
import CorralPlanner

/// Carries out on one context what the scheduler decides, and turns tokens into answers.
final class ChatDriver: ContextServer {
    /// An answer that is being made.
    private struct Answer {
        var request: ReplyRequest
        var sampler: Sampler
        var text: TextAssembler
        var promptTokens: Int
        var tokens: [Token] = []
        var firstToken: ContinuousClock.Instant?
    }

    private let context: Context
    private let plan: LlamaPlan
    private let inbox: Inbox
    private let states: ConversationFolder?
    private let sink: LogSink
    private let template: ChatTemplate?
    private var scheduler: ChatScheduler
    private var answers: [Inbox.ID: Answer] = [:]
    /// Whether nothing can be computed before a reader wants more, or somebody asks for something.
    private var isStalled = false

    init(
        _ context: Context,
        _ plan: LlamaPlan,
        _ inbox: Inbox,
        _ states: ConversationFolder?,
        _ sink: LogSink
    ) {
        self.context = context
        self.plan = plan
        self.inbox = inbox
        self.states = states
        self.sink = sink
        let weights = context.weights
        template = ChatTemplate(weights, override: plan.options.chatTemplate)
        let isWindowed = weights.window > 0 && !plan.load.context.fullWindowCache
        scheduler = ChatScheduler(
            ChatScheduler.Shape(
                slots: context.sequences,
                contextTokens: context.contextTokens,
                batchTokens: context.batchTokens,
                mixedTokens: plan.load.context.microBatch,
                reuse: weights.isRecurrent || isWindowed ? .wholeOnly : .anyPrefix,
                canShift: context.canShift && !weights.isRecurrent && !isWindowed
            )
        )
    }

    var isIdle: Bool { scheduler.isIdle || isStalled }

    func handle(_ command: Inbox.Command) {
        isStalled = false
        switch command {
        case .reply(let request):
            do {
                try begin(request)
            } catch {
                request.answer.fail(error)
            }
        case .cancel(let id):
            answers[id] = nil
            scheduler.ended(id)
        case .state(let job): job.continuation.resume(with: Result { try carryOut(job) })
        case .texts:
            command.refuse(
                LlamaError(
                    .wrongRole,
                    "\(plan.model.path) is loaded to chat; load it as .embed or .rerank for this."
                )
            )
        case .resume(let id): scheduler.resumed(id)
        case .count: break
        }
    }

    func fail(_ error: any Error) {
        for answer in answers.values { answer.request.answer.fail(error) }
        for id in answers.keys { scheduler.ended(id) }
        answers = [:]
    }

    // MARK: Requests

    private func begin(_ request: ReplyRequest) throws {
        if let error = request.options.sampling.validationError { throw error }
        let tokens = try tokens(request.input)
        guard !tokens.isEmpty else {
            throw LlamaError(.badArgument, "There is nothing to answer; give some text.")
        }
        let sampler = try Sampler(request.options.sampling, prompt: tokens, context.weights)
        if let most = scheduler.requested(
            request.id,
            prompt: tokens,
            maximumTokens: request.options.maximumTokens,
            overflow: request.options.overflow
        ) {
            throw LlamaError(
                .contextOverflow,
                "The prompt has \(tokens.count) tokens, and the context has room for \(most); shorten it, load the model with a larger context, or have old messages forgotten."
            )
        }
        answers[request.id] = Answer(
            request: request,
            sampler: sampler,
            text: TextAssembler(stops: request.options.stops),
            promptTokens: tokens.count
        )
        if request.options.maximumTokens.map({ $0 <= 0 }) ?? false { finish(request.id, .length) }
    }

    private func tokens(_ input: ReplyRequest.Input) throws(LlamaError) -> [Token] {
        switch input {
        case .text(let text):
            return context.weights.tokens(text, addsSpecial: true, parsesSpecial: true)
        case .messages(let messages):
            guard let template else {
                throw LlamaError(
                    .unsupportedTemplate,
                    "\(plan.model.path) has no chat template; name one that llama.cpp knows, such as chatml, or continue plain text."
                )
            }
            guard let text = template.rendered(messages) else {
                throw LlamaError(
                    .unsupportedTemplate,
                    "The chat template of \(plan.model.path) fails with these messages, or is none that llama.cpp's library knows; name one it does know, such as chatml, or continue plain text."
                )
            }
            return context.weights.tokens(text, addsSpecial: true, parsesSpecial: true)
        }
    }

    private func finish(
        _ id: Inbox.ID,
        _ reason: ReplySummary.Reason,
        endedByToken: Bool = false
    ) {
        let reused = scheduler.requests[id]?.reused ?? 0
        scheduler.ended(id)
        guard var answer = answers.removeValue(forKey: id) else { return }
        let rest = answer.text.isStopped ? "" : answer.text.finish()
        if !rest.isEmpty { _ = answer.request.answer.write(rest) }
        let now = ContinuousClock.now
        answer.request.answer.finish(
            ReplySummary(
                reason: reason,
                usage: ReplySummary.Usage(
                    promptTokens: answer.promptTokens,
                    reusedTokens: reused,
                    answerTokens: answer.tokens.count + (endedByToken ? 1 : 0)
                ),
                timeToFirstToken: (answer.firstToken ?? now) - answer.request.received,
                timeToAnswer: now - (answer.firstToken ?? now),
                tokens: answer.tokens
            )
        )
    }

    // MARK: Steps

    func step() {
        let step = scheduler.nextStep()
        perform(step.operations)
        for id in step.full { finish(id, .contextFull) }
        guard !step.entries.isEmpty else {
            if step.isEmpty { makeProgress() }
            return
        }
        inbox.began(for: Set(step.entries.compactMap { scheduler.slots[$0.sequence].request }))
        let outcome = context.compute(step.entries)
        inbox.finishedBatch()
        switch outcome {
        case .computed:
            scheduler.computed(step)
            for sample in step.samples { choose(sample) }
        case .noRoom:
            let operations = scheduler.foundNoRoom()
            perform(operations)
            if operations.isEmpty { makeProgress() }
        case .abandoned:
            // Those who asked for it are gone; what was read before the batch is still known.
            for slot in Set(step.entries.map(\.sequence)) {
                let known = scheduler.slots[slot].tokens.count
                if !context.forget(slot, from: known) { perform([scheduler.trim(slot, to: 0)]) }
            }
        case .failed(let status):
            let lines = sink.takeErrors()
            fail(
                LlamaError(
                    .computeFailed,
                    "llama.cpp could not compute a batch (status \(status)).",
                    logLines: lines
                )
            )
            perform(scheduler.lostMemory())
        }
    }

    private func perform(_ operations: [ChatScheduler.Operation]) {
        for operation in operations {
            switch operation {
            case .trim(let slot, let count): context.forget(slot, from: count)
            case .copy(let source, let target, let count):
                context.forget(target)
                context.copy(from: source, to: target, count: count)
            case .shift(let slot, let begin, let count):
                context.shift(slot, from: begin, by: count)
            }
        }
    }

    private func choose(_ sample: ChatScheduler.Sample) {
        let id = sample.request
        guard let token = answers[id]?.sampler.next(context, sample.entry) else { return }
        if answers[id]?.firstToken == nil { answers[id]?.firstToken = .now }
        if context.weights.endsGeneration(token) {
            return finish(id, .stop, endedByToken: true)
        }
        // In place: a copy of all tokens for each token would take longer the longer the answer is.
        answers[id]?.tokens.append(token)
        let text = answers[id]?.text.append(context.weights.bytes(token)) ?? ""
        let demand = text.isEmpty ? .more : answers[id]?.request.answer.write(text)
        if answers[id]?.text.isStopped ?? true {
            finish(id, .stop)
        } else if !scheduler.chose(token, for: id) {
            finish(id, .length)
        } else if demand == .enough {
            scheduler.held(id)
        }
    }

    /// Nothing can be computed: ends the oldest answer that is being made, which needs more than the
    /// context has, or waits for the readers that have enough.
    private func makeProgress() {
        let going = scheduler.active.filter { !scheduler.held.contains($0) }
        if let id = going.min() {
            finish(id, .contextFull)
        } else if scheduler.held.isEmpty, let id = scheduler.requests.keys.min() {
            finish(id, .contextFull)
        } else {
            isStalled = true
        }
    }

    // MARK: State

    func begin() {
        guard let states else { return }
        for (index, path) in states.saved(upTo: context.sequences).enumerated() {
            if let tokens = try? StateFile(path).restore(index, context, plan) {
                scheduler.restored(tokens, into: index)
            }
        }
    }

    func end(isSaving: Bool) {
        if isSaving, let states {
            let slots = scheduler.slots.enumerated().filter { !$0.element.tokens.isEmpty }
                .sorted { $0.element.lastUsed > $1.element.lastUsed }
            states.replace(slots.map { ($0.offset, $0.element.tokens) }) { slot, tokens, path in
                try StateFile(path).save(slot, tokens, context, plan)
            }
        }
        fail(LlamaError.unloaded(plan.model.path))
    }

    private func carryOut(_ job: StateJob) throws -> Int {
        switch job.action {
        case .save(let messages, let path):
            guard let known = scheduler.slot(knowing: try tokens(.messages(messages))) else {
                throw LlamaError(
                    .stateUnusable,
                    "The conversation is not known to the model any more; nothing was saved."
                )
            }
            let tokens = scheduler.slots[known.slot].tokens
            try StateFile(path).save(known.slot, tokens, context, plan)
            return tokens.count
        case .restore(let path):
            guard let slot = scheduler.slotToSpare() else {
                throw LlamaError(
                    .stateUnusable,
                    "Every slot is answering; restore the conversation when one has ended."
                )
            }
            perform([scheduler.trim(slot, to: 0)])
            let file = StateFile(path)
            let needed = try file.check(plan).tokens
            while scheduler.shape.contextTokens - scheduler.ledger.used < needed {
                guard let operation = scheduler.reclaimIdle(sparing: []) else {
                    throw LlamaError(
                        .contextOverflow,
                        "The conversation has \(needed) tokens, for which there is no room now."
                    )
                }
                perform([operation])
            }
            let tokens = try file.restore(slot, context, plan)
            scheduler.restored(tokens, into: slot)
            return tokens.count
        }
    }
}
