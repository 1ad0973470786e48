import CorralCache
import Foundation
import Logging
import Synchronization

/// A thread that owns a model's context: loads it, serves it, frees it.
///
/// llama.cpp's calls block for seconds, and its threads of computation belong to the thread that
/// calls, so that each context has its own. Nothing of the context is known outside; the thread is
/// asked through an inbox.
final class ContextThread: Sendable {
    let plan: LlamaPlan
    private let store: WeightsStore
    private let stateFolder: String?
    private let sink: LogSink
    private let logger: Logger?
    private let events: EngineEvents
    private let inbox = Inbox()
    private let isWanted = Mutex(true)
    private let gone = Gate()

    init(
        plan: LlamaPlan,
        store: WeightsStore,
        stateFolder: String?,
        logger: Logger?,
        events: EngineEvents
    ) {
        self.plan = plan
        self.store = store
        self.stateFolder = stateFolder
        self.logger = logger
        self.events = events
        sink = LogSink(logger)
    }

    /// Loads the model; returns when it can be asked.
    ///
    /// - Throws: ``LlamaError``; everything is free again then.
    func start() async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { started in
                let thread = Thread { self.main(started) }
                thread.name = "corral.llama"
                thread.stackSize = 8 << 20
                thread.start()
            }
        } onCancel: {
            isWanted.withLock { $0 = false }
        }
    }

    /// Ends the thread; returns when what it held is free.
    func close() async {
        inbox.close()
        await gone.passed()
    }

    /// Ends the thread without waiting for it.
    func drop() { inbox.close() }

    /// A number for a new request.
    func newID() -> Inbox.ID { inbox.newID() }

    /// Hands a command to the thread.
    ///
    /// - Returns: False where the model has been unloaded.
    func send(_ command: Inbox.Command) -> Bool { inbox.send(command) }

    /// Cancels the request of a number.
    func cancel(_ id: Inbox.ID) { _ = inbox.send(.cancel(id)) }

    /// Has the answer of a number go on, whose reader had enough.
    func resume(_ id: Inbox.ID) { _ = inbox.send(.resume(id)) }

    // MARK: On the thread

    private func main(_ started: CheckedContinuation<Void, any Error>) {
        var failure: (any Error)?
        var exit: String?
        var isStarted = false
        LogSink.$current.withValue(sink) {
            do {
                exit = try run {
                    isStarted = true
                    started.resume()
                }
            } catch {
                failure = error
            }
        }
        // The context and, unless another has them, the weights are free here.
        Library.trimMemory()
        let reason = LlamaError.unloaded(plan.model.path)
        for command in inbox.finish() { command.refuse(reason) }
        gone.open()
        if !isStarted {
            started.resume(
                throwing: failure ?? LlamaError(.loadFailed, "\(plan.model.path) was not loaded.")
            )
        }
        if let exit { events.exited(exit) }
    }

    /// Loads the model and serves it until it is to end.
    ///
    /// - Returns: Why it ended, where nobody asked it to.
    private func run(_ ready: () -> Void) throws -> String? {
        let plan = plan
        let weights = store.weights(
            plan.weightsName,
            isWanted: { self.isWanted.withLock(\.self) },
            load: {
                Weights.load(
                    plan.model.path,
                    files: plan.files,
                    plan.load,
                    Weights.Watch(
                        progress: { self.events.progress($0) },
                        isWanted: { self.isWanted.withLock(\.self) }
                    )
                )
            }
        )
        guard isWanted.withLock(\.self) else {
            throw LlamaError(.cancelled, "Loading \(plan.model.path) was called off.")
        }
        guard let weights, let context = Context(weights, plan, abandon: inbox.abandon) else {
            throw LlamaError.load(of: plan.model.path, lines: sink.takeErrors())
        }
        if plan.model.role == .chat, !context.hasMemory || weights.hasEncoder {
            throw LlamaError(
                .wrongRole,
                "\(plan.model.path) generates no text by itself; load it for embedding."
            )
        }
        let server: any ContextServer =
            plan.model.role == .chat
            ? ChatDriver(context, plan, inbox, states(), sink)
            : TextDriver(context, plan, inbox, sink)
        server.begin()
        ready()
        let exit = serve(server, weights)
        server.end(isSaving: exit == nil)
        return exit
    }

    private func states() -> ConversationFolder? {
        guard plan.options.savesConversations, let stateFolder else { return nil }
        return ConversationFolder(stateFolder, plan, logger)
    }

    private func serve(_ server: any ContextServer, _ weights: Weights) -> String? {
        while let commands = inbox.take(waiting: server.isIdle) {
            for command in commands {
                if case .count(let text, let continuation) = command {
                    let tokens = weights.tokens(text, addsSpecial: false, parsesSpecial: false)
                    continuation.resume(returning: tokens.count)
                } else {
                    server.handle(command)
                }
            }
            guard !server.isIdle else { continue }
            guard weights.files.areWhole else {
                server.fail(
                    LlamaError(
                        .fileChanged,
                        "\(plan.model.path) became shorter while it was in use; put the whole file back."
                    )
                )
                return "its file became shorter"
            }
            server.step()
        }
        return nil
    }
}

/// Carries out the commands of a context's thread, for the role the model is loaded for.
protocol ContextServer: AnyObject {
    /// Whether there is nothing to compute before something else is asked.
    var isIdle: Bool { get }
    /// The model was loaded.
    func begin()
    /// A command came.
    func handle(_ command: Inbox.Command)
    /// Computes one batch.
    func step()
    /// Fails every request.
    func fail(_ error: any Error)
    /// The model is about to be freed.
    func end(isSaving: Bool)
}

extension Inbox.Command {
    /// Fails the request of the command.
    func refuse(_ error: any Error) {
        switch self {
        case .reply(let request): request.answer.fail(error)
        case .texts(let job): job.continuation.resume(throwing: error)
        case .state(let job): job.continuation.resume(throwing: error)
        case .count(_, let continuation): continuation.resume(throwing: error)
        case .cancel, .resume: break
        }
    }
}
