public import ArgumentParser
import CorralCache
import CorralDaemon
import CorralDryRun
import CorralLlamaServer
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
    var models: [String] = []

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

    @Option(
        help: ArgumentHelp(
            "A device to plan for, whatever this machine has: its kind and memory, such as cuda:24GiB.",
            discussion: "One of cuda, rocm and vulkan; once for each device.",
            valueName: "kind:size"
        )
    )
    var device: [PlannedDevice] = []

    @Option(help: "The threads that compute. Default: one a physical core")
    var threads: Int?

    @Option(help: "How weights get into memory: mapped or copied. Default: what takes less.")
    var loadMode: LoadOptions.LoadMode?

    @Option(help: "The memory there is: a share of the machine's, or a size such as 8GiB.")
    var memory: MemoryBudget?

    @Option(
        help: """
            Who says it: analytic (the header alone) or dry-run (llama.cpp, without the weights). \
            Default: analytic; dry-run for an architecture that is not known.
            """
    )
    var layer: PlanLayer?

    @Option(
        help: ArgumentHelp(
            "Compare both layers over the GGUF files, or headers of such, in a folder.",
            valueName: "dir"
        )
    )
    var drift: String?

    @OptionGroup var catalogue: CatalogueOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard models.isEmpty == (drift != nil) else {
            throw ValidationError("Name the models to plan, or a folder with --drift.")
        }
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

    func run() async throws { try await execute(Console.live(), machine: Machine()) }

    func execute(
        _ console: Console,
        machine: Machine,
        environment: UserEnvironment = .current
    ) async throws {
        if let drift {
            let report = try await DriftReport(
                folder: environment.path(drift),
                machine,
                environment
            )
            return try report.print(to: console, asJSON: output.json)
        }
        let settings = try catalogue.settings(environment)
        var machine = machine
        var budget = try (memory ?? settings.memory).resolved(for: machine.memory())
        if !device.isEmpty {
            machine.accelerators = device.accelerators
            budget = .host(budget[.host]) + device.memory
        } else if gpuLayers ?? 0 > 0, machine.accelerators.isEmpty {
            console.note(
                "\(console.styled("note:", .yellow)) this machine has no accelerator, so --gpu-layers changes nothing; --device cuda:24GiB plans for one."
            )
        }
        let measured = CorrectionFile(environment).read()
        var plans: [PlannedModel] = []
        for subject in try PlanSubject.find(models, settings) {
            let plan = try PlannedModel(
                subject,
                sizing: sizing(subject, machine),
                budget: budget,
                corrections: measured.corrections(for: subject.model.fileIdentity)
            )
            plans.append(try await asked(plan, budget, console, environment))
        }
        let sheet = PlanSheet(plans: plans, budget: budget)
        if output.json {
            try sheet.printJSON(to: console)
        } else {
            sheet.print(to: console)
        }
    }

    /// Asks llama.cpp where that is wanted, or where nothing else is sure.
    private func asked(
        _ plan: PlannedModel,
        _ budget: DomainBytes,
        _ console: Console,
        _ environment: UserEnvironment
    ) async throws -> PlannedModel {
        switch layer {
        case .analytic: return plan
        case .dryRun:
            return try await plan.asked(DryRunFinder().find(environment), budget: budget)
        case nil where !plan.plan.isConservative: return plan
        case nil:
            do {
                return try await plan.asked(DryRunFinder().find(environment), budget: budget)
            } catch let error as DryRunError {
                console.note("\(console.styled("note:", .yellow)) \(error.message)")
                return plan
            } catch let error as ConfigurationError {
                console.note("\(console.styled("note:", .yellow)) \(error)")
                return plan
            }
        }
    }

    /// How one of the models is loaded; its own settings count where no option says otherwise.
    private func sizing(_ subject: PlanSubject, _ machine: Machine) throws -> LoadSizing {
        var sizing = try LoadSizing(serving: subject, as: role, machine: machine) { options in
            options.slots = parallel ?? options.slots
            options.unifiedCache = kvUnified ?? (parallel == nil)
            options.flashAttention = flashAttn
            options.keyCacheType = cacheTypeK ?? kvType ?? options.keyCacheType
            options.valueCacheType = cacheTypeV ?? kvType ?? options.valueCacheType
            options.threads = threads ?? options.threads
            options.gpuLayers = gpuLayers ?? options.gpuLayers
            options.loadMode = loadMode
        }
        sizing.load.context.batch = batch ?? sizing.load.context.batch
        sizing.load.context.microBatch =
            ubatch ?? min(sizing.load.context.microBatch, sizing.load.context.batch)
        if let outputs {
            sizing.load.context.outputs = outputs == 0 ? nil : outputs
            sizing.load.context.embeddings = embedding
        } else if embedding {
            sizing.load.context.outputs = nil
            sizing.load.context.embeddings = true
        }
        // Of all slots together, as llama.cpp's own option.
        sizing.contextTokens = context ?? sizing.contextTokens
        if batch != nil || ubatch != nil { sizing.batchFollowsContext = false }
        return sizing
    }
}
