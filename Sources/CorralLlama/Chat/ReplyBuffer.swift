import Synchronization

/// The pieces of one answer between the thread that makes them and the task that reads them.
///
/// The thread never waits here: it is told when the reader has enough, and is asked for more when the
/// reader has taken most of it.
final class ReplyBuffer: Sendable {
    /// What became of a piece.
    enum Demand: Hashable, Sendable {
        /// The reader keeps up.
        case more
        /// The reader has enough for now; ``Work/resume`` is called when it wants more.
        case enough
    }

    /// What makes the answer.
    struct Work: Sendable {
        /// The reader wants more, after it had enough.
        var resume: @Sendable () -> Void
        /// Nobody reads the answer any more.
        var cancel: @Sendable () -> Void
    }

    private enum Ending {
        case whole(ReplySummary)
        case failed(any Error)
    }

    private struct State {
        var pieces: [String] = []
        /// How many of `pieces` have been read.
        var taken = 0
        var ending: Ending?
        var readers: [CheckedContinuation<String?, any Error>] = []
        var work: Work?
        /// Whether the reader had enough, and the work stands still.
        var isHeld = false
        /// Whether all of the answer is kept until it has ended.
        var isKeptWhole = false
        var hasBegun = false
        var failureBeforeAnswer: (any Error)?
    }

    /// The pieces that are made ahead of the reader, and those left when it is to go on.
    static let highMark = 32
    private static let lowMark = 8

    /// Opened by the first piece, or by the end.
    let begun = Gate()
    /// Opened by the end.
    let ended = Gate()
    private let state = Mutex(State())

    // MARK: For the thread

    /// Has the reader control what will make the answer; called before that begins.
    func attach(_ work: Work) { state.withLock { $0.work = work } }

    /// Adds a piece.
    func write(_ piece: String) -> Demand {
        let (reader, demand) = state.withLock {
            state -> (CheckedContinuation<String?, any Error>?, Demand) in
            guard state.ending == nil else { return (nil, .more) }
            state.hasBegun = true
            if !state.readers.isEmpty { return (state.readers.removeFirst(), .more) }
            state.pieces.append(piece)
            state.isHeld =
                !state.isKeptWhole && state.pieces.count - state.taken >= Self.highMark
            return (nil, state.isHeld ? .enough : .more)
        }
        reader?.resume(returning: piece)
        begun.open()
        return demand
    }

    /// The answer is whole.
    func finish(_ summary: ReplySummary) { end(.whole(summary)) }

    /// There is no more of the answer, and why.
    func fail(_ error: any Error) { end(.failed(error)) }

    private func end(_ ending: Ending) {
        let readers = state.withLock { state in
            guard state.ending == nil else { return [CheckedContinuation<String?, any Error>]() }
            state.ending = ending
            state.work = nil
            if case .failed(let error) = ending, !state.hasBegun {
                state.failureBeforeAnswer = error
            }
            defer { state.readers = [] }
            return state.readers
        }
        for reader in readers {
            switch ending {
            case .whole: reader.resume(returning: nil)
            case .failed(let error): reader.resume(throwing: error)
            }
        }
        begun.open()
        ended.open()
    }

    // MARK: For the reader

    /// What the answer came to; `nil` until it has ended, and where it failed.
    var summary: ReplySummary? {
        state.withLock { state in
            if case .whole(let summary) = state.ending { summary } else { nil }
        }
    }

    /// What failed before there was any piece.
    var failureBeforeAnswer: (any Error)? { state.withLock { $0.failureBeforeAnswer } }

    /// The next piece; `nil` at the end.
    func next() async throws -> String? {
        try await withCheckedThrowingContinuation { reader in
            let (result, work) = state.withLock { state -> (Result<String?, any Error>?, Work?) in
                if state.taken < state.pieces.count {
                    let piece = state.pieces[state.taken]
                    state.taken += 1
                    return (.success(piece), Self.drained(&state))
                }
                switch state.ending {
                case .whole: return (.success(nil), nil)
                case .failed(let error): return (.failure(error), nil)
                case nil:
                    state.readers.append(reader)
                    return (nil, nil)
                }
            }
            work?.resume()
            if let result { reader.resume(with: result) }
        }
    }

    /// Frees what was read.
    ///
    /// - Returns: The work, where it has to go on.
    private static func drained(_ state: inout State) -> Work? {
        if state.taken == state.pieces.count {
            state.pieces.removeAll(keepingCapacity: true)
            state.taken = 0
        }
        guard state.isHeld, state.pieces.count - state.taken <= lowMark else { return nil }
        state.isHeld = false
        return state.work
    }

    /// Has the whole answer kept, however much of it there is, for a reader that waits for its end.
    func keepWhole() {
        let work = state.withLock { state -> Work? in
            state.isKeptWhole = true
            defer { state.isHeld = false }
            return state.isHeld ? state.work : nil
        }
        work?.resume()
    }

    /// Nobody wants the answer any more.
    func cancel() {
        let work = state.withLock { state in
            if state.ending == nil { (state.pieces, state.taken) = ([], 0) }
            return state.work
        }
        end(.failed(CancellationError()))
        work?.cancel()
    }
}
