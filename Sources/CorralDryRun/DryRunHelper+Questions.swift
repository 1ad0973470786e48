package import CorralMemory
package import CorralPlanner

extension DryRunHelper {
    /// Asks about several contexts of one file, each of which gets an answer of its own: after a
    /// crash the rest is asked of another process.
    ///
    /// - Parameters:
    ///   - file: The model, its first part where it has several.
    ///   - load: How it is loaded; its context is not looked at.
    ///   - contexts: What the contexts are created with.
    ///   - states: The recurrent states of the largest of them, by an analytic plan.
    /// - Returns: The engine, if any answered, and for each context what it takes or why not.
    /// - Throws: `CancellationError` when the task is cancelled.
    package func measure(
        _ file: String,
        load: LoadOptions = LoadOptions(),
        contexts: [ContextOptions],
        states: ByteCount = .zero
    ) async throws(CancellationError) -> DryRunAnswers {
        var answers = DryRunAnswers()
        while answers.cells.count < contexts.count {
            var isOpen = false
            do {
                try await session(file, load: load, states: states) { session in
                    isOpen = true
                    answers.engine = session.engine
                    for context in contexts[answers.cells.count...] {
                        do throws(DryRunError) {
                            answers.cells.append(.success(try await session.measure(context)))
                        } catch {
                            guard error.leavesHelperAlive else { throw error }
                            answers.cells.append(.failure(error))
                        }
                    }
                }
            } catch let error as DryRunError {
                // The context that was asked about last is to blame, unless none could be.
                if isOpen {
                    answers.cells.append(.failure(error))
                } else {
                    let missing = contexts.count - answers.cells.count
                    answers.cells += Array(repeating: .failure(error), count: missing)
                }
            } catch {
                throw CancellationError()
            }
        }
        return answers
    }

    /// Plans a way of loading a model with llama.cpp's own figures in place of analytic ones.
    ///
    /// - Parameters:
    ///   - file: The model, its first part where it has several.
    ///   - planner: The analytic planner of the same file, for what llama.cpp does not say.
    ///   - options: How it is loaded.
    /// - Returns: The plan, and the llama.cpp it comes from.
    /// - Throws: ``DryRunError``, `PlanError` where the options make no sense, or
    ///   `CancellationError`.
    package func plan(
        _ file: String,
        planner: MemoryPlanner,
        _ options: LoadOptions
    ) async throws -> (plan: MemoryPlan, engine: DryRunEngine) {
        let analytic = try planner.plan(options)
        return try await session(file, load: options, states: analytic.states) { session in
            let cell = try await session.measure(options.context)
            return (analytic.replacing(with: cell, options.accelerators), session.engine)
        }
    }
}

/// What was answered about several contexts.
package struct DryRunAnswers: Sendable {
    /// The llama.cpp that answered; `nil` when none did.
    package var engine: DryRunEngine?

    /// For each context what it takes, or why that is not known.
    package var cells: [Result<DryRunCell, DryRunError>] = []
}

extension MemoryPlan {
    /// What a dry run really allocates: recurrent states.
    package var states: ByteCount { buffers.reduce(.zero) { $0 + $1.recurrent.bytes } }
}
