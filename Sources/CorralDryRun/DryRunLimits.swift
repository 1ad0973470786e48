package import CorralMemory

/// What one dry run may take.
package struct DryRunLimits: Hashable, Sendable {
    /// The time until it is ended, all its contexts together.
    package var time: Duration

    /// The memory the helper may hold for itself: its program, the vocabulary, graphs.
    package var memory: ByteCount

    /// The states it may hold besides: recurrent states are really allocated.
    package var states: ByteCount

    /// Sets limits.
    ///
    /// - Parameters:
    ///   - time: The time until it is ended. A vocabulary of 262,144 tokens takes half a second.
    ///   - memory: The memory the helper may hold for itself.
    ///   - states: The states it may hold besides.
    package init(
        time: Duration = .seconds(20),
        memory: ByteCount = .gibibytes(1),
        states: ByteCount = .gibibytes(2)
    ) {
        self.time = time
        self.memory = memory
        self.states = states
    }

    /// The whole seconds after which the helper ends itself, should nobody else: some more than
    /// `time`, so that the one who waits is the one who says why.
    var ownSeconds: Int64 { max(0, time.components.seconds) + 5 }
}
