public import CorralCache

/// A model that is loaded into this process.
///
/// Its calls throw ``LlamaError/Code/unloaded`` once it has been unloaded. Any number of tasks may
/// use it at once: answers are made side by side, texts of several tasks go into one batch.
public final class LlamaModel: Sendable {
    /// What it was loaded with.
    public let plan: LlamaPlan

    let thread: ContextThread

    init(_ plan: LlamaPlan, thread: ContextThread) {
        self.plan = plan
        self.thread = thread
    }

    // Whoever drops a model without unloading it does not keep its memory.
    deinit { thread.drop() }

    /// Which model.
    public var id: ModelID { plan.model }

    // MARK: Chat

    /// Answers a conversation.
    ///
    /// What the model remembers of an earlier turn is not computed again;
    /// ``ReplySummary/Usage-swift.struct/reusedTokens`` says how much that was.
    ///
    /// - Parameters:
    ///   - messages: The conversation so far.
    ///   - options: How the answer is made, and when it ends.
    /// - Returns: The answer as it is made; failures come where it is read.
    public func reply(
        to messages: [ChatMessage],
        options: ReplyOptions = ReplyOptions()
    ) -> Reply {
        reply(.messages(messages), options)
    }

    /// Answers a single message.
    public func reply(to text: String, options: ReplyOptions = ReplyOptions()) -> Reply {
        reply(.messages([.user(text)]), options)
    }

    /// Goes on with plain text, without a template.
    public func complete(_ text: String, options: ReplyOptions = ReplyOptions()) -> Reply {
        reply(.text(text), options)
    }

    private func reply(_ input: ReplyRequest.Input, _ options: ReplyOptions) -> Reply {
        let (reply, answer) = Reply.make()
        let thread = thread
        let id = thread.newID()
        // Before the thread can write anything, which the reader may then have enough of.
        answer.attach(
            ReplyBuffer.Work(resume: { thread.resume(id) }, cancel: { thread.cancel(id) })
        )
        let request = ReplyRequest(
            id: id,
            input: input,
            options: options,
            answer: answer,
            received: .now
        )
        if !thread.send(.reply(request)) {
            answer.fail(LlamaError.unloaded(plan.model.path))
        }
        return reply
    }

    // MARK: Texts

    /// Turns texts into vectors.
    ///
    /// - Parameter texts: The texts, each of at most the context's tokens.
    /// - Returns: `[count][dimensions]`, of length 1 unless the options say otherwise.
    /// - Throws: ``LlamaError``, or `CancellationError`.
    public func embed(_ texts: [String]) async throws -> [[Float]] {
        try await embeddings(of: texts).vectors
    }

    /// Turns texts into vectors, and says how many tokens they had.
    ///
    /// - Throws: ``LlamaError``, or `CancellationError`.
    public func embeddings(
        of texts: [String]
    ) async throws -> (vectors: [[Float]], tokens: Int) {
        let output = try await output(of: .embed(texts))
        return (output.vectors, output.tokens)
    }

    /// Scores documents against a query: the higher, the better they match.
    ///
    /// - Returns: A score for each document, in their order, as the model's head yields it.
    /// - Throws: ``LlamaError``, or `CancellationError`.
    public func rerank(_ query: String, _ documents: [String]) async throws -> [Float] {
        try await scores(query, documents).scores
    }

    /// Scores documents against a query, and says how many tokens were read.
    ///
    /// - Throws: ``LlamaError``, or `CancellationError`.
    public func scores(
        _ query: String,
        _ documents: [String]
    ) async throws -> (scores: [Float], tokens: Int) {
        let output = try await output(of: .rerank(query: query, documents: documents))
        return (output.vectors.map { $0.first ?? 0 }, output.tokens)
    }

    private func output(of input: TextJob.Input) async throws -> TextJob.Output {
        try Task.checkCancellation()
        let thread = thread
        let id = thread.newID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let command = Inbox.Command.texts(
                    TextJob(id: id, input: input, continuation: continuation)
                )
                if !thread.send(command) {
                    continuation.resume(throwing: LlamaError.unloaded(plan.model.path))
                }
            }
        } onCancel: {
            thread.cancel(id)
        }
    }

    /// How many tokens a text has.
    ///
    /// - Throws: ``LlamaError/Code/unloaded``.
    public func countTokens(_ text: String) async throws -> Int {
        try await withCheckedThrowingContinuation { continuation in
            if !thread.send(.count(text, continuation)) {
                continuation.resume(throwing: LlamaError.unloaded(plan.model.path))
            }
        }
    }

    // MARK: State

    /// Saves what the model remembers of a conversation, so that it need not be read again.
    ///
    /// - Parameters:
    ///   - messages: The conversation, which the model has answered before.
    ///   - path: The file, which is there whole or not at all.
    /// - Returns: The tokens saved.
    /// - Throws: ``LlamaError/Code/stateUnusable``.
    @discardableResult
    public func saveConversation(_ messages: [ChatMessage], to path: String) async throws -> Int {
        try await state(.save(messages, to: path))
    }

    /// Has the model remember a conversation that was saved.
    ///
    /// - Returns: The tokens restored: the next `reply(to:options:)` that begins with them
    ///   does not compute them.
    /// - Throws: ``LlamaError/Code/stateMismatch`` where it belongs to another model file, other
    ///   options or another llama.cpp, ``LlamaError/Code/stateUnusable`` where it is damaged.
    @discardableResult
    public func restoreConversation(from path: String) async throws -> Int {
        try await state(.restore(from: path))
    }

    private func state(_ action: StateJob.Action) async throws -> Int {
        try await withCheckedThrowingContinuation { continuation in
            if !thread.send(.state(StateJob(action: action, continuation: continuation))) {
                continuation.resume(throwing: LlamaError.unloaded(plan.model.path))
            }
        }
    }
}
