internal import CorralMemory
package import CorralPlanner
internal import Subprocess

#if canImport(System)
internal import System
#else
internal import SystemPackage
#endif

/// A model without its weights, kept by the helper while contexts are asked about.
///
/// A session lives as long as the call of `session(_:_:_:)` that lends it.
package final class DryRunSession {
    /// The llama.cpp that answers.
    package private(set) var engine = DryRunEngine(version: "", build: nil)

    /// The tokens the model was trained on.
    package private(set) var trainingContext = 0

    private let load: LoadOptions
    private let requests: FileDescriptor
    private var answers: SubprocessOutputSequence.Iterator
    private var lines = LineBuffer()
    private var waiting: [String] = []

    init(
        _ load: LoadOptions,
        requests: FileDescriptor,
        answers: SubprocessOutputSequence.Iterator
    ) {
        self.load = load
        self.requests = requests
        self.answers = answers
    }

    /// Asks what a context takes.
    ///
    /// - Parameter options: What it is created with.
    /// - Returns: What it takes.
    /// - Throws: What llama.cpp has against it, after which others may still be asked about, or why
    ///   there is no answer.
    package func measure(_ options: ContextOptions) async throws(DryRunError) -> DryRunCell {
        let line = DryRunRequest.line(options, offloadsCache: load.offloadsCache)
        do {
            // At most a hundred bytes or so, and the last ones are read: a pipe takes them at once.
            try requests.writeAll(line.utf8)
        } catch {
            throw Self.silence
        }
        return try DryRunAnswer.read(DryRunCell.self, from: try await nextLine())
    }

    func open() async throws(DryRunError) {
        let opening = try DryRunAnswer.read(
            DryRunAnswer.Opening.self,
            from: try await nextLine()
        )
        engine = try opening.engine.named()
        trainingContext = opening.model.n_ctx_train
    }

    func identify() async throws(DryRunError) -> DryRunEngine {
        try DryRunAnswer.read(DryRunAnswer.Engine.self, from: try await nextLine()).named()
    }

    func describe() async throws(DryRunError) -> DryRunEngine {
        try DryRunAnswer.read(DryRunAnswer.Description.self, from: try await nextLine())
            .engine.named()
    }

    /// That the helper ended without an answer; who waits for its end knows why.
    static let silence = DryRunError(.crashed, "The dry run's helper ended without an answer.")

    private func nextLine() async throws(DryRunError) -> String {
        while waiting.isEmpty {
            guard let buffer = try? await answers.next() else { throw Self.silence }
            // The pointer is to bytes that live until the call returns.
            unsafe buffer.withUnsafeBytes { bytes in
                unsafe lines.append(bytes) { waiting.append($0) }
            }
        }
        return waiting.removeFirst()
    }
}
