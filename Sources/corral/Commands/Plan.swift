public import ArgumentParser
import CorralCache
public import CorralMemory
public import CorralPlanner

extension CacheType: ExpressibleByArgument {}
extension ContextOptions.FlashAttention: ExpressibleByArgument {}
extension LoadOptions.LoadMode: ExpressibleByArgument {}

extension MemoryBudget: ExpressibleByArgument {
    /// Reads a share or a size as people write it.
    public init?(argument: String) { self.init(parsing: argument) }
}

/// Predicts what models take in memory.
struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Predict what models take in memory, and the largest context that fits.",
        discussion: """
            From a file's header alone: nothing is loaded, no daemon is asked, and the file may be \
            a mere header. Without options it is what `corral serve` would reserve.
            """
    )

    @Argument(help: "GGUF files, or names of models as `corral list` shows them.")
    var models: [String]

    @Option(help: "What for: chat, embed or rerank. Default: what the model is for.")
    var role: ModelRole?

    @Option(help: "The tokens of all slots together. Default: up to 8192, as many as fit.")
    var context: Int?

    @Option(help: "The requests served at once (llama.cpp: n_seq_max). Default: 4")
    var parallel: Int?

    @Flag(
        inversion: .prefixedNo,
        help: "Let slots share one cache. Default, as llama-server's: unless --parallel is given."
    )
    var kvUnified: Bool?

    @Option(help: "The most tokens of one call. Default: 2048; for embedding the context.")
    var batch: Int?

    @Option(help: "The most tokens computed at once. Default: 512; for embedding the context.")
    var ubatch: Int?

    @Option(help: "Fused attention: on, off or auto.")
    var flashAttn: ContextOptions.FlashAttention = .automatic

    @Option(help: "How keys and values are stored, such as f16 or q8_0.")
    var kvType: CacheType?

    @Option(help: "How keys are stored.")
    var cacheTypeK: CacheType?

    @Option(help: "How values are stored.")
    var cacheTypeV: CacheType?

    @Option(
        help: """
            The most tokens of a batch with logits (llama.cpp: n_outputs_max), 0 for all; the \
            context then returns embeddings only with --embedding.
            """
    )
    var outputs: Int?

    @Flag(help: "The context returns embeddings.")
    var embedding = false

    @Option(help: "The layers that go to the GPU; the output counts as one.")
    var gpuLayers: Int?

    @Option(help: "The threads that compute. Default: one a physical core")
    var threads: Int?

    @Option(help: "How weights get into memory: mapped or copied. Default: what takes less.")
    var loadMode: LoadOptions.LoadMode?

    @Option(help: "The memory there is: a share of the machine's, or a size such as 8GiB.")
    var memory: MemoryBudget?

    @OptionGroup var catalogue: CatalogueOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !models.isEmpty else { throw ValidationError("Name the models to plan.") }
        let counts = [
            ("--context", context), ("--parallel", parallel), ("--batch", batch),
            ("--ubatch", ubatch), ("--threads", threads),
        ]
        for (name, count) in counts {
            if let count, count < 1 || count > Int(Int32.max) {
                throw ValidationError("\(name) is a number from 1 to \(Int32.max).")
            }
        }
        for (name, count) in [("--outputs", outputs), ("--gpu-layers", gpuLayers)] {
            if let count, count < 0 { throw ValidationError("\(name) is a number from 0.") }
        }
    }

    func run() async throws { try execute(Console.live(), machine: Machine()) }

    func execute(_ console: Console, machine: Machine) throws {
        let settings = try catalogue.settings()
        let budget = try (memory ?? settings.memory).resolved(for: machine.memory())
        let subjects = try PlanSubject.find(models, settings)
        let sheet = PlanSheet(
            plans: try subjects.map { subject in
                try PlannedModel(
                    subject,
                    sizing: sizing(subject, machine),
                    budget: budget
                )
            },
            budget: budget
        )
        if output.json {
            try sheet.printJSON(to: console)
        } else {
            sheet.print(to: console)
        }
    }

    /// How one of the models is loaded; its own settings count where no option says otherwise.
    private func sizing(_ subject: PlanSubject, _ machine: Machine) -> ContextSizing {
        var sizing = ContextSizing(
            serving: subject,
            as: role,
            slots: parallel,
            machine: machine
        )
        let isWhole = sizing.batchFollowsContext
        sizing.load.context.unifiedCache = kvUnified ?? (parallel == nil)
        sizing.load.context.batch = batch ?? sizing.load.context.batch
        sizing.load.context.microBatch =
            ubatch ?? min(sizing.load.context.microBatch, sizing.load.context.batch)
        sizing.load.context.flashAttention = flashAttn
        if let type = cacheTypeK ?? kvType { sizing.load.context.keyCacheType = type }
        if let type = cacheTypeV ?? kvType { sizing.load.context.valueCacheType = type }
        if let outputs {
            sizing.load.context.outputs = outputs == 0 ? nil : outputs
            sizing.load.context.embeddings = embedding
        } else if embedding {
            sizing.load.context.outputs = nil
            sizing.load.context.embeddings = true
        }
        sizing.load.threads = threads ?? sizing.load.threads
        if let gpuLayers {
            sizing.load.gpuLayers = gpuLayers
            sizing.fillsGPU = false
        }
        sizing.contextTokens = context ?? sizing.contextTokens
        sizing.batchFollowsContext = isWhole && batch == nil && ubatch == nil
        if let loadMode { sizing.loadModes = [loadMode] }
        return sizing
    }
}

extension PlannedRole {
    /// The role as the planner calls it.
    init(_ role: ModelRole) {
        self =
            switch role {
            case .chat: .chat
            case .embed: .embed
            case .rerank: .rerank
            }
    }
}
