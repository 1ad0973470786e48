import CorralCache
import CorralHTTP
import CorralMemory
import CorralPlanner
import HTTPTypes
import NIOCore
import Synchronization

/// Measures processes once they are loaded and after the answers they give, and writes down what
/// they hold, for the next plan.
final class MemoryObserver: Sendable {
    private let book: CorrectionBook
    private let memory: @Sendable (Int32) -> ProcessMemory?
    private let client: HTTPClient
    private typealias Note = (model: LlamaServerModel, moment: Correction.Moment)
    private let notes: AsyncStream<Note>
    private let notesIn: AsyncStream<Note>.Continuation

    init(
        _ book: CorrectionBook,
        client: HTTPClient,
        memory: @escaping @Sendable (Int32) -> ProcessMemory?
    ) {
        self.book = book
        self.client = client
        self.memory = memory
        // What is dropped under load is measured after a later answer.
        (notes, notesIn) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(16))
    }

    /// Notes that a model gave an answer.
    func noteAnswer(of model: LlamaServerModel) { notesIn.yield((model, .fullBatch)) }

    /// Notes that a model has just been loaded.
    func noteLoaded(_ model: LlamaServerModel) { notesIn.yield((model, .loaded)) }

    /// Lets ``run()`` return.
    func finish() { notesIn.finish() }

    /// Measures models after their answers, one at a time, until it is finished.
    func run() async {
        for await (model, moment) in notes {
            switch moment {
            case .loaded: if let held = held(by: model) { record(held, at: .loaded, model) }
            case .fullBatch: await measure(model)
            }
        }
    }

    private func measure(_ model: LlamaServerModel) async {
        guard let held = held(by: model), model.observed.withLock({ $0.isNews(held) }),
            let prompt = await largestPrompt(of: model), prompt >= model.plan.fullBatch
        else { return }
        record(held, at: .fullBatch, filledTokens: prompt, model)
    }

    private func record(
        _ held: ByteCount,
        at moment: Correction.Moment,
        filledTokens: Int = 0,
        _ model: LlamaServerModel
    ) {
        guard let (key, plan) = model.plan.correctionSubject(engine: model.engineBuild) else {
            return
        }
        let name = model.id.path.split(separator: "/").last.map(String.init) ?? model.id.path
        book.record(
            .host(held),
            at: moment,
            filledTokens: filledTokens,
            for: key,
            name: name,
            planned: plan
        )
    }

    private func held(by model: LlamaServerModel) -> ByteCount? {
        model.processID.flatMap(memory)?.exclusive
    }

    /// The most tokens that any slot of a model held, by its own account.
    private func largestPrompt(of model: LlamaServerModel) async -> Int? {
        guard
            let answer = try? await client.send(
                "/metrics",
                to: .unixSocket(model.socket),
                within: .seconds(2)
            ),
            answer.status == .ok, let body = try? await answer.body.collect(upTo: 1 << 20)
        else { return nil }
        return Self.largestPrompt(String(buffer: body))
    }

    /// Reads `llamacpp:n_tokens_max` (llama.cpp b11434, `server_task_result_metrics`).
    static func largestPrompt(_ metrics: String) -> Int? {
        let name = "llamacpp:n_tokens_max "
        let line = metrics.split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap { Double($0.dropFirst(name.count)) }.flatMap { Int(exactly: $0) }
    }
}

/// What was seen of one process.
///
/// To ask a process how far its context is filled costs whoever is waiting for it a moment, so it
/// is asked only where it has grown, and now and then.
struct ObservedMemory: Sendable {
    /// What it held when it was asked last.
    private var held = ByteCount.zero
    private var answersSince = 0

    /// Growth below this share of what was seen is not worth writing down.
    private static let growth = 1.003
    /// So many answers without growth are worth asking once.
    private static let patience = 64

    /// Notes what the process holds after an answer.
    ///
    /// - Returns: Whether it is to be asked.
    mutating func isNews(_ held: ByteCount) -> Bool {
        answersSince += 1
        guard held > self.held.scaled(by: Self.growth) || answersSince >= Self.patience else {
            return false
        }
        self.held = max(held, self.held)
        answersSince = 0
        return true
    }
}

extension LlamaServerPlan {
    /// The tokens of a prompt that fill a batch; a context leaves a few tokens for the answer.
    var fullBatch: Int {
        let largest = min(load.context.microBatch, memory.contextTokensPerSequence)
        return max(1, largest - largest / 16)
    }

    /// What a measurement of the model is for, and the plan without measurements.
    ///
    /// - Parameter engine: The engine's build; nothing is known of one without a name.
    /// - Returns: The key and the plan; `nil` for a model without a file.
    func correctionSubject(engine: String?) -> (CorrectionKey, MemoryPlan)? {
        guard let engine, let files = planner.model.fileIdentity,
            let plan = try? planner.uncorrected.plan(load)
        else { return nil }
        let options = load.correctionText(plan)
        return (CorrectionKey(files: files, engine: engine, options: options), plan)
    }
}

extension ServerFeatures {
    /// The build as corrections name it; `nil` where the program does not say.
    var engineName: String? { build.map { "llama.cpp b\($0)" } }
}
