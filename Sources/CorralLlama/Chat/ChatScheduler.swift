/// Decides what is computed next, for several conversations on one context at once.
///
/// A value that knows tokens and nothing of llama.cpp: it is told what happened, in the past
/// tense, and says what to do. Each sequence of the context is a slot. A slot remembers what it
/// has read after its answer has ended, for whoever goes on with it; the room is reclaimed, the
/// longest unused first, when it is needed.
///
/// Every step computes the next token of each answer that is being made and fills the batch with
/// prompts. What two prompts have in common is computed once: the second waits until the first has
/// it, and copies.
struct ChatScheduler: Sendable {
    /// What can be reused of what a sequence remembers.
    enum Reuse: Hashable, Sendable {
        /// Any beginning of it.
        case anyPrefix
        /// All of it or nothing: recurrent states, and windows that have moved on.
        case wholeOnly
    }

    /// The shape of the context.
    struct Shape: Hashable, Sendable {
        var slots: Int
        /// The tokens of all slots together, and of one alone.
        var contextTokens: Int
        /// The most tokens of one step.
        var batchTokens: Int
        /// The most tokens of prompts in a step that also makes answers: others wait for it.
        var mixedTokens: Int
        var reuse: Reuse
        var canShift: Bool
    }

    typealias RequestID = UInt64

    struct Request: Hashable, Sendable {
        var id: RequestID
        /// The prompt and what has been answered.
        var tokens: [Token]
        var promptCount: Int
        var maximumTokens: Int
        var overflow: ReplyOptions.Overflow
        /// The tokens of the prompt that were known; `nil` before it was first admitted.
        var reused: Int?

        var answered: Int { tokens.count - promptCount }
    }

    struct Slot: Hashable, Sendable {
        var request: RequestID?
        /// The tokens that the sequence remembers, and their cells.
        var tokens: [Token] = []
        var cells: [Int] = []
        /// Grows with each use; 0 for a slot never used.
        var lastUsed: UInt64 = 0
    }

    /// Something to do to the context's memory before a batch.
    enum Operation: Hashable, Sendable {
        /// Forgets what a slot remembers from a position on.
        case trim(slot: Int, to: Int)
        /// Empties a slot and has it remember the first tokens of another.
        case copy(from: Int, to: Int, count: Int)
        /// Forgets tokens of a slot and moves those behind them up.
        case shift(slot: Int, from: Int, by: Int)
    }

    /// What to compute.
    struct Step: Hashable, Sendable {
        var operations: [Operation] = []
        var entries: [BatchEntry] = []
        /// The requests to choose a token for, and the entries to choose it from.
        var samples: [Sample] = []
        /// Requests that have as many tokens as there are, and are to be ended.
        var full: [RequestID] = []

        var isEmpty: Bool { operations.isEmpty && entries.isEmpty && full.isEmpty }
    }

    struct Sample: Hashable, Sendable {
        var request: RequestID
        var entry: Int
    }

    /// Prompts must have this many tokens in common for one to wait for the other.
    static let leastShared = 32

    let shape: Shape
    var slots: [Slot]
    /// The requests that are not in a slot, in the order they are served.
    var waiting: [RequestID] = []
    var requests: [RequestID: Request] = [:]
    /// The requests whose readers have enough for now: no token is chosen for them, and their slots
    /// keep what they have read while there is room.
    private(set) var held: Set<RequestID> = []
    var ledger = CellLedger()
    private var uses: UInt64 = 0

    init(_ shape: Shape) {
        self.shape = shape
        slots = Array(repeating: Slot(), count: max(1, shape.slots))
    }

    /// Whether there is no request.
    var isIdle: Bool { requests.isEmpty }

    /// The requests that are in a slot.
    var active: [RequestID] { slots.compactMap(\.request) }

    // MARK: Events

    /// A request for an answer came.
    ///
    /// - Returns: How many tokens the prompt may have, where it has too many; `nil` where the request
    ///   was taken.
    mutating func requested(
        _ id: RequestID,
        prompt: [Token],
        maximumTokens: Int?,
        overflow: ReplyOptions.Overflow
    ) -> Int? {
        var prompt = prompt
        // One token more must fit, or there is nothing to answer with.
        if prompt.count >= shape.contextTokens {
            guard case .shift(let keeping) = overflow, shape.canShift else {
                return shape.contextTokens - 1
            }
            // Room for as much of an answer as of a prompt.
            let kept = min(max(0, keeping), shape.contextTokens / 4)
            let tail = max(1, shape.contextTokens / 2 - kept)
            prompt = Array(prompt.prefix(kept) + prompt.suffix(tail))
        }
        requests[id] = Request(
            id: id,
            tokens: prompt,
            promptCount: prompt.count,
            maximumTokens: max(0, maximumTokens ?? .max),
            overflow: overflow
        )
        waiting.append(id)
        return nil
    }

    /// A token was chosen for a request.
    ///
    /// - Returns: Whether the request may have another.
    mutating func chose(_ token: Token, for id: RequestID) -> Bool {
        // In place, without a copy of all tokens before.
        requests[id]?.tokens.append(token)
        return requests[id].map { $0.answered < $0.maximumTokens } ?? false
    }

    /// The reader of a request's answer has enough for now.
    mutating func held(_ id: RequestID) { if requests[id] != nil { held.insert(id) } }

    /// The reader of a request's answer wants more.
    mutating func resumed(_ id: RequestID) { held.remove(id) }

    /// A request ended, or was cancelled; its slot remembers what it has read.
    mutating func ended(_ id: RequestID) {
        requests[id] = nil
        held.remove(id)
        waiting.removeAll { $0 == id }
        for index in slots.indices where slots[index].request == id { slots[index].request = nil }
    }

    /// A step was computed.
    mutating func computed(_ step: Step) {
        for entry in step.entries {
            slots[entry.sequence].tokens.append(entry.token)
            slots[entry.sequence].cells += ledger.take(1)
        }
    }

    /// The context had no room for a step, though the ledger says that it has: an idle slot is
    /// emptied, or a request starts over later.
    mutating func foundNoRoom() -> [Operation] {
        if let operation = reclaimIdle(sparing: []) { return [operation] }
        return preempt()
    }

    /// The context's memory was lost.
    mutating func lostMemory() -> [Operation] {
        waiting = active + waiting
        return slots.indices.map { index in
            slots[index].request = nil
            return trim(index, to: 0)
        }
    }

    /// A slot was given the tokens of a saved conversation.
    mutating func restored(_ tokens: [Token], into index: Int) {
        ledger.release(slots[index].cells)
        slots[index].tokens = tokens
        slots[index].cells = ledger.take(tokens.count)
        touch(index)
    }

    // MARK: Queries

    /// The slot that knows most of a conversation, and how many tokens of it.
    func slot(knowing tokens: [Token]) -> (slot: Int, count: Int)? {
        let known = slots.indices.map { (slot: $0, count: Self.common(slots[$0].tokens, tokens)) }
        return known.filter { $0.count > 0 }.max { ($0.count, $1.slot) < ($1.count, $0.slot) }
    }

    /// The slot whose memory is worth least, if any is idle.
    func slotToSpare(except spared: Set<Int> = []) -> Int? {
        slots.indices.filter { slots[$0].request == nil && !spared.contains($0) }
            .min { (slots[$0].lastUsed, $0) < (slots[$1].lastUsed, $1) }
    }

    // MARK: Shared with the other files

    mutating func touch(_ index: Int) {
        uses += 1
        slots[index].lastUsed = uses
    }

    /// Forgets what a slot remembers from a position on.
    mutating func trim(_ index: Int, to count: Int) -> Operation {
        ledger.release(slots[index].cells[min(count, slots[index].cells.count)...])
        slots[index].tokens.removeLast(max(0, slots[index].tokens.count - count))
        slots[index].cells.removeLast(max(0, slots[index].cells.count - count))
        return .trim(slot: index, to: count)
    }

    /// Empties the idle slot that was longest unused; `nil` where none has anything.
    mutating func reclaimIdle(sparing spared: Set<Int>) -> Operation? {
        let idle = slots.indices.filter {
            slots[$0].request == nil && !slots[$0].cells.isEmpty && !spared.contains($0)
        }
        guard
            let index = idle.min(by: { (slots[$0].lastUsed, $0) < (slots[$1].lastUsed, $1) })
        else { return nil }
        return trim(index, to: 0)
    }

    /// Has the request that can best wait make room for the others: it starts over, once there is
    /// room.
    mutating func preempt() -> [Operation] {
        let busy = slots.indices.filter { slots[$0].request != nil }
        guard busy.count > 1, let index = leastUrgent(busy), let id = slots[index].request
        else { return [] }
        slots[index].request = nil
        waiting.insert(id, at: 0)
        return [trim(index, to: 0)]
    }

    /// The slot of the request that can best wait: of those whose readers have enough, or else of
    /// all, the youngest.
    func leastUrgent(_ busy: [Int]) -> Int? {
        let idle = busy.filter { slots[$0].request.map(held.contains) ?? false }
        return (idle.isEmpty ? busy : idle)
            .max { (slots[$0].request ?? 0) < (slots[$1].request ?? 0) }
    }

    /// How many tokens two texts begin with in common.
    static func common(_ first: [Token], _ second: [Token]) -> Int {
        var count = 0
        let end = min(first.count, second.count)
        while count < end, first[count] == second[count] { count += 1 }
        return count
    }
}
