public import CorralMemory
internal import Synchronization

/// The corrections that one process reads and adds to, and a way to keep them.
public final class CorrectionBook: Sendable {
    private let state: Mutex<CorrectionStore>
    private let saving = Mutex(())
    private let save: @Sendable (CorrectionStore) -> Void

    /// Opens a book.
    ///
    /// - Parameters:
    ///   - store: What is known.
    ///   - save: Keeps it; called after each measurement, one call at a time.
    public init(
        _ store: CorrectionStore = CorrectionStore(),
        save: @escaping @Sendable (CorrectionStore) -> Void = { _ in }
    ) {
        state = Mutex(store)
        self.save = save
    }

    /// What is known.
    public var store: CorrectionStore { state.withLock { $0 } }

    /// Adds a measurement, and keeps it.
    ///
    /// - Parameters:
    ///   - measured: What the process held for itself, without pages of files.
    ///   - moment: When.
    ///   - filledTokens: The most tokens that a conversation had had by then.
    ///   - key: What was measured.
    ///   - name: The file's name, for people.
    ///   - plan: What was planned for it.
    public func record(
        _ measured: DomainBytes,
        at moment: Correction.Moment,
        filledTokens: Int,
        for key: CorrectionKey,
        name: String,
        planned plan: MemoryPlan
    ) {
        state.withLock {
            $0.record(
                measured,
                at: moment,
                filledTokens: filledTokens,
                for: key,
                name: name,
                planned: plan
            )
        }
        // What is written is what is known by then, so that the last one written is the newest.
        saving.withLock { _ in save(store) }
    }
}
