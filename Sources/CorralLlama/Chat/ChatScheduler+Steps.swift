extension ChatScheduler {
    /// Decides what is computed next; empty where there is nothing to do.
    mutating func nextStep() -> Step {
        var step = Step()
        endOverfull(&step)
        admit(&step)
        // The oldest first: where room is short, the youngest waits.
        let busy = slots.indices.filter { index in
            slots[index].request.map { !step.full.contains($0) && !held.contains($0) } ?? false
        }.sorted { slots[$0].request ?? 0 < slots[$1].request ?? 0 }
        let generating = busy.filter { pending($0) == 1 && answered($0) > 0 }
        for index in generating where makeRoom(1, for: index, &step) { add(1, of: index, &step) }

        // What is in the step has no cell in the ledger yet.
        let isMixed = !step.entries.isEmpty
        var budget = min(
            shape.batchTokens - step.entries.count,
            isMixed ? shape.mixedTokens : shape.batchTokens
        )
        for index in busy where !generating.contains(index) {
            guard budget > 0, slots[index].request != nil else { continue }
            let wanted = min(pending(index), budget)
            guard wanted > 0, makeRoom(wanted, for: index, &step) else { continue }
            add(wanted, of: index, &step)
            budget -= wanted
        }
        return step
    }

    /// The tokens of a slot's request that it has not read.
    private func pending(_ index: Int) -> Int {
        guard let id = slots[index].request, let request = requests[id] else { return 0 }
        return request.tokens.count - slots[index].tokens.count
    }

    private func answered(_ index: Int) -> Int {
        slots[index].request.flatMap { requests[$0]?.answered } ?? 0
    }

    private mutating func add(_ count: Int, of index: Int, _ step: inout Step) {
        guard let id = slots[index].request, let request = requests[id] else { return }
        let begin = slots[index].tokens.count
        for position in begin..<begin + count {
            let isLast = position == request.tokens.count - 1
            if isLast { step.samples.append(Sample(request: id, entry: step.entries.count)) }
            step.entries.append(
                BatchEntry(
                    sequence: index,
                    position: position,
                    token: request.tokens[position],
                    hasOutput: isLast
                )
            )
        }
    }

    /// Ends or shifts conversations that have as many tokens as the context.
    private mutating func endOverfull(_ step: inout Step) {
        for index in slots.indices {
            guard let id = slots[index].request, var request = requests[id],
                request.tokens.count > shape.contextTokens
            else { continue }
            guard case .shift(let keeping) = request.overflow, shape.canShift else {
                step.full.append(id)
                continue
            }
            // The newest token has been chosen, and not been read yet.
            let kept = min(max(0, keeping), shape.contextTokens / 4)
            let dropped = (slots[index].tokens.count - kept) / 2
            guard dropped > 0 else {
                step.full.append(id)
                continue
            }
            let range = kept..<kept + dropped
            ledger.release(slots[index].cells[range])
            slots[index].tokens.removeSubrange(range)
            slots[index].cells.removeSubrange(range)
            request.tokens.removeSubrange(range)
            request.promptCount -= dropped
            requests[id] = request
            step.operations.append(.shift(slot: index, from: kept, by: dropped))
        }
    }

    /// Makes room for tokens of a slot: of idle slots first, then of the request that can best wait.
    private mutating func makeRoom(_ count: Int, for index: Int, _ step: inout Step) -> Bool {
        let planned = step.entries.count
        while shape.contextTokens - ledger.used - planned < count {
            if let operation = reclaimIdle(sparing: []) {
                step.operations.append(operation)
                continue
            }
            // A request in this step already keeps its place. Alone, a request always has room.
            let other = leastUrgent(slots.indices.filter { slots[$0].request != nil })
            guard let other, other != index,
                !step.entries.contains(where: { $0.sequence == other })
            else { return false }
            step.operations += preempt()
        }
        return true
    }

    // MARK: Admission

    private mutating func admit(_ step: inout Step) {
        for id in waiting {
            guard let request = requests[id], !held.contains(id) else { continue }
            guard slots.contains(where: { $0.request == nil }) else { return }
            if mustWait(request) { continue }
            guard place(request, &step) else { return }
        }
    }

    /// Whether another request is reading what this one begins with, and has not read it all.
    private func mustWait(_ request: Request) -> Bool {
        guard shape.reuse == .anyPrefix else { return false }
        let known = slots.map { Self.common($0.tokens, request.tokens) }
        return slots.indices.contains { index in
            let slot = slots[index]
            guard let other = slot.request.flatMap({ requests[$0] }) else { return false }
            let elsewhere = slots.indices.lazy.filter { $0 != index }.map { known[$0] }.max() ?? 0
            let shared = min(
                Self.common(other.tokens, request.tokens),
                other.tokens.count,
                request.tokens.count - 1
            )
            return shared >= elsewhere + Self.leastShared && slot.tokens.count < shared
        }
    }

    /// Puts a request into the slot that costs least.
    ///
    /// - Returns: Whether there was room.
    private mutating func place(_ request: Request, _ step: inout Step) -> Bool {
        // The last token is always computed: its logits are wanted.
        let most = request.tokens.count - 1
        func usable(_ index: Int) -> Int {
            let shared = min(Self.common(slots[index].tokens, request.tokens), most)
            switch shape.reuse {
            case .anyPrefix: return shared
            case .wholeOnly: return shared == slots[index].tokens.count ? shared : 0
            }
        }
        let idle = slots.indices.filter { slots[$0].request == nil }
        guard var own = idle.max(by: { (usable($0), $1) < (usable($1), $0) }) else { return false }
        // What is mostly another conversation stays: the longest unused slot takes a copy.
        if usable(own) * 2 < slots[own].tokens.count || usable(own) == 0 {
            own = slotToSpare() ?? own
        }
        var source = own
        if shape.reuse == .anyPrefix,
            let donor = slots.indices.max(by: { (usable($0), $1) < (usable($1), $0) }),
            usable(donor) > usable(own)
        {
            source = donor
        }
        let reused = usable(source)

        guard hasRoom(for: request, reusing: reused, of: source) else { return false }
        if source != own {
            ledger.release(slots[own].cells)
            slots[own].tokens = Array(slots[source].tokens.prefix(reused))
            slots[own].cells = Array(slots[source].cells.prefix(reused))
            ledger.share(slots[own].cells)
            step.operations.append(.copy(from: source, to: own, count: reused))
        } else if reused < slots[own].tokens.count {
            step.operations.append(trim(own, to: reused))
        }
        slots[own].request = request.id
        touch(own)
        waiting.removeAll { $0 == request.id }
        if request.reused == nil { requests[request.id]?.reused = reused }
        return true
    }

    /// Whether a whole prompt fits beside what is being answered; alone, it always does.
    private func hasRoom(for request: Request, reusing reused: Int, of source: Int) -> Bool {
        let busy = slots.indices.filter { slots[$0].request != nil }
        guard !busy.isEmpty else { return true }
        // Cells of idle slots can be reclaimed, but for those that are reused.
        var held = Set(busy.flatMap { slots[$0].cells })
        held.formUnion(slots[source].cells.prefix(reused))
        let unread = busy.reduce(0) { $0 + pending($1) }
        return held.count + unread + request.tokens.count - reused < shape.contextTokens
    }
}
