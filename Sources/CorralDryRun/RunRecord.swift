internal import Subprocess
internal import Synchronization

/// What is known of one run of the helper besides its answers.
final class RunRecord: Sendable {
    private struct State {
        var lines: [String] = []
        var isLate = false
    }

    private let state = Mutex(State())
    private let capacity = 20

    /// Says that its time was over.
    func markLate() { state.withLock { $0.isLate = true } }

    /// Keeps the last lines of what it logs, until it ends.
    func read(_ output: SubprocessOutputSequence) async {
        var lines = LineBuffer()
        do {
            for try await buffer in output {
                // The pointer is to bytes that live until the call returns.
                unsafe buffer.withUnsafeBytes { unsafe lines.append($0, keep) }
            }
        } catch {
            keep("its log could not be read: \(error)")
        }
        lines.finish(keep)
    }

    private func keep(_ line: String) {
        state.withLock { state in
            state.lines.append(line)
            state.lines = state.lines.suffix(capacity)
        }
    }

    /// Says why there was no answer, where nothing but that is known.
    func explain(
        _ error: DryRunError,
        _ status: TerminationStatus,
        after time: Duration
    ) -> DryRunError {
        guard error == DryRunSession.silence else { return error }
        let (lines, isLate) = state.withLock { ($0.lines, $0.isLate) }
        let late = DryRunError(
            .timedOut,
            "llama.cpp did not say within \(time) what the model takes; raise the dry run's limit, or trust the analytic plan.",
            logLines: lines
        )
        if isLate { return late }
        switch status {
        case .exited(127):
            return DryRunError(
                .unavailable,
                "The dry run's helper does not start (\(lines.last ?? "no reason given")), so plans are analytic; name the folder of libllama.",
                logLines: lines
            )
        case .exited(let code):
            return DryRunError(
                .crashed,
                "The dry run's helper ended with status \(code) before it answered.",
                logLines: lines
            )
        case .signaled(14), .signaled(24):
            // SIGALRM and SIGXCPU, which it asked for itself.
            return late
        case .signaled(let signal):
            return DryRunError(
                .crashed,
                "llama.cpp crashed (signal \(signal)) while it was asked what the model takes; report the file to llama.cpp, and trust the analytic plan.",
                logLines: lines
            )
        }
    }
}
