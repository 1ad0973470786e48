public import CorralCache
import CorralGGUF
public import CorralMemory
import CorralPlanner
import Logging

extension LlamaServerEngine: ModelEngine {
    /// The options of a model for which no request chose any.
    public func defaultOptions(for model: ModelID) -> LlamaServerOptions { chosenOptions(model) }

    /// Reads a model's file and predicts what loading it would take.
    ///
    /// - Throws: `GGUFError` or `PlanError` where the file cannot be read or is no model,
    ///   ``LlamaServerError/Code/badArgument`` where the options make no sense.
    public func plan(
        _ model: ModelID,
        options: LlamaServerOptions,
        minimumContext: Int,
        limits: DomainBytes
    ) async throws -> LlamaServerPlan {
        let description = try ModelDescription(try GGUFFile(path: model.path))
        // A program that cannot be asked fails the load, not the plan.
        let engine = try? await program.features().engineName
        let planner = MemoryPlanner(
            description,
            corrections: corrections.store.corrections(
                for: description.fileIdentity,
                engine: engine
            )
        )
        var sizing = LoadSizing(
            options.load,
            role: model.role,
            process: .llamaServer,
            accelerators: configuration.accelerators,
            cpu: configuration.cpu,
            threads: configuration.threads
        )
        sizing.load.projector = try options.projectorPlan(for: model.role)
        let settled: LoadSizing.Settled
        do throws(PlanError) {
            settled = try sizing.settled(planner, leastContext: minimumContext, within: limits)
        } catch {
            throw LlamaServerError(.badArgument, error.message)
        }
        return LlamaServerPlan(model, options, settled, planner)
    }

    /// Starts a process and waits until its model is loaded.
    ///
    /// - Throws: ``LlamaServerError``, with the process's last lines; the process is gone.
    public func load(
        _ model: ModelID,
        plan: LlamaServerPlan,
        events: EngineEvents
    ) async throws -> LlamaServerModel {
        let features = try await program.features()
        let socket = folder.newSocket()
        let arguments = try ServerArguments(plan, socket: socket, features: features)
        var logger = logger
        logger[metadataKey: "model"] = "\(model)"
        let child = ChildProcess(
            Launch(
                program: configuration.program,
                arguments: arguments.list,
                environment: configuration.childEnvironment
            ),
            socket: socket,
            logger: logger,
            progress: events.progress
        )
        try start(child)
        let outcome = await Readiness(
            child: child,
            socket: socket,
            client: client,
            clock: clock,
            deadline: plan.deadline
        ).outcome()
        if case .ready(let report) = outcome {
            if let made = report?.contextTokens, made != plan.contextTokens {
                logger.warning(
                    "llama-server made another context than planned",
                    metadata: ["planned": "\(plan.contextTokens)", "made": "\(made)"]
                )
            }
            let loaded = LlamaServerModel(
                plan,
                child: child,
                client: client,
                socket: socket,
                clock: clock,
                engineBuild: features.engineName,
                answered: { [observer] in observer.noteAnswer(of: $0) }
            )
            if child.handOver(exited: events.exited) {
                observer.noteLoaded(loaded)
                return loaded
            }
        }
        child.order(.kill)
        let end = await child.ended.value()
        throw failure(outcome, end, child, plan)
    }

    /// Ends a model's process; returns when it is reaped.
    public func unload(_ model: LlamaServerModel) async {
        await model.child.stop(limit: configuration.stopLimit, clock: clock)
    }

    /// Reads the memory a model's process holds now.
    ///
    /// What it holds on accelerators is not measured, but taken from the plan.
    public func measure(_ model: LlamaServerModel) async -> MeasuredMemory? {
        guard let pid = model.processID, let memory = memory(pid) else { return nil }
        var exclusive = model.plan.footprint.exclusive
        exclusive[.host] = memory.exclusive
        return MeasuredMemory(exclusive: exclusive, fileBacked: memory.fileBacked)
    }

    private func failure(
        _ outcome: Readiness.Outcome,
        _ end: ChildEnd,
        _ child: ChildProcess,
        _ plan: LlamaServerPlan
    ) -> LlamaServerError {
        let lines = child.recentLines
        switch outcome {
        case .cancelled:
            return LlamaServerError(
                .cancelled,
                "Loading \(plan.model.path) was called off.",
                logLines: lines
            )
        case .deadline:
            return LlamaServerError(
                .deadlineExceeded,
                "\(plan.model.path) was not loaded within \(plan.deadline.components.seconds) s; raise the model's load deadline or choose a smaller model.",
                logLines: lines
            )
        case .ready, .ended:
            if case .neverStarted(let reason) = end.how {
                return LlamaServerError(
                    .programNotFound,
                    "\(configuration.program) could not be started (\(reason)); check the path of llama-server."
                )
            }
            let diagnosis = FailureDiagnosis(lines: lines, end: end)
            return LlamaServerError(
                diagnosis.code,
                diagnosis.message(loading: plan.model.path, end: end),
                logLines: lines
            )
        }
    }
}

/// What the cache asks about a model's file, and about what it would lose.
extension LlamaServerEngine {
    /// Tells what a chat model's slots hold, and how fast it reads prompts.
    public func conversation(of model: LlamaServerModel) -> ConversationState {
        model.id.role == .chat ? model.child.conversation : ConversationState()
    }

    /// Tells where a model's files are and how much of them is in the page cache.
    public func storage(of model: ModelID) async -> ModelStorage {
        files.storage(ModelFileAccess.files(of: model.path))
    }

    /// Reads a model's files into the page cache, unless most of them are there.
    public func readAhead(_ model: ModelID, plan: LlamaServerPlan) async -> Bool {
        let paths = ModelFileAccess.files(of: model.path)
        guard !files.storage(paths).isCached else { return false }
        return await files.readAhead(paths)
    }
}
