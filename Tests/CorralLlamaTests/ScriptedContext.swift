import Testing

@testable import CorralLlama

/// A context that remembers tokens instead of computing them, and is as strict as llama.cpp.
///
/// The next token of a text is a hash of all tokens before it, so that an answer is right exactly
/// if every token before it was remembered, in its order.
struct ScriptedContext {
    var scheduler: ChatScheduler
    /// What each sequence remembers, by position.
    var memory: [[Token]]
    /// The tokens that were computed, and the batches.
    var computed = 0
    var batches = 0
    /// Each request's answer so far, and those that have ended.
    var answers: [ChatScheduler.RequestID: [Token]] = [:]
    var ended: [ChatScheduler.RequestID: ReplySummary.Reason] = [:]
    var reused: [ChatScheduler.RequestID: Int] = [:]

    init(
        slots: Int = 4,
        contextTokens: Int = 256,
        batchTokens: Int = 64,
        reuse: ChatScheduler.Reuse = .anyPrefix,
        canShift: Bool = true
    ) {
        scheduler = ChatScheduler(
            ChatScheduler.Shape(
                slots: slots,
                contextTokens: contextTokens,
                batchTokens: batchTokens,
                mixedTokens: batchTokens / 2,
                reuse: reuse,
                canShift: canShift
            )
        )
        memory = Array(repeating: [], count: slots)
    }

    /// The token that follows a text.
    static func next(_ tokens: some Sequence<Token>) -> Token {
        var hash: UInt32 = 2_166_136_261
        for token in tokens { hash = (hash ^ UInt32(bitPattern: token)) &* 16_777_619 }
        return Token(hash % 50_000)
    }

    /// The answer of a model that has nobody else to serve.
    static func answer(to prompt: [Token], count: Int) -> [Token] {
        var text = prompt
        for _ in 0..<count { text.append(next(text)) }
        return Array(text.dropFirst(prompt.count))
    }

    mutating func request(
        _ id: ChatScheduler.RequestID,
        _ prompt: [Token],
        most: Int? = 8,
        overflow: ReplyOptions.Overflow = .fail
    ) -> Int? {
        scheduler.requested(id, prompt: prompt, maximumTokens: most, overflow: overflow)
    }

    /// Carries out one step.
    ///
    /// - Returns: Whether there was anything to do.
    mutating func step() -> Bool {
        let step = scheduler.nextStep()
        for operation in step.operations { perform(operation) }
        for id in step.full { end(id, .contextFull) }
        guard !step.entries.isEmpty else { return !step.isEmpty }
        #expect(step.entries.count <= scheduler.shape.batchTokens)
        for entry in step.entries {
            #expect(entry.position == memory[entry.sequence].count)
            memory[entry.sequence].append(entry.token)
        }
        computed += step.entries.count
        batches += 1
        scheduler.computed(step)
        #expect(scheduler.ledger.used <= scheduler.shape.contextTokens)
        #expect(memory == scheduler.slots.map(\.tokens))
        for sample in step.samples {
            let entry = step.entries[sample.entry]
            let token = Self.next(memory[entry.sequence].prefix(entry.position + 1))
            answers[sample.request, default: []].append(token)
            if !scheduler.chose(token, for: sample.request) { end(sample.request, .length) }
        }
        return true
    }

    mutating func perform(_ operation: ChatScheduler.Operation) {
        switch operation {
        case .trim(let slot, let count): memory[slot].removeLast(memory[slot].count - count)
        case .copy(let source, let target, let count):
            memory[target] = Array(memory[source].prefix(count))
            #expect(memory[target].count == count)
        case .shift(let slot, let begin, let count):
            memory[slot].removeSubrange(begin..<begin + count)
        }
    }

    mutating func end(_ id: ChatScheduler.RequestID, _ reason: ReplySummary.Reason) {
        reused[id] = scheduler.requests[id]?.reused
        ended[id] = reason
        scheduler.ended(id)
    }

    /// Carries out steps until nobody asks for anything.
    mutating func run() {
        for _ in 0..<100_000 where !scheduler.isIdle {
            guard step() else {
                Issue.record("nothing to do, and somebody waits: \(scheduler.requests.keys)")
                return
            }
        }
        #expect(scheduler.isIdle)
    }
}
