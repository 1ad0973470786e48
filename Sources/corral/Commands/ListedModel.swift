import CorralCache
import CorralCatalogue
import CorralMemory
import CorralPlanner

/// A model as `corral list` shows it.
struct ListedModel: Encodable {
    var name: String
    var role: ModelRole
    var architecture: String
    var quantization: String?
    var parameters: UInt64
    var bytes: ByteCount
    var trainingContext: Int?
    /// The states it is in, in each role, where a daemon tells.
    var states: [String]
    /// The bytes planned for it; absent where it cannot be planned.
    var plannedBytes: ByteCount?
    /// The context it would be loaded with.
    var context: Int?
    /// Whether it fits into the budget by itself.
    var fits: Bool
    /// Why it cannot be planned, if it cannot.
    var problem: String?
    var projector: String?
    var pinned: Bool
    var path: String
    var folder: String

    init(
        _ entry: CatalogueEntry,
        settings: Settings,
        machine: Machine,
        budget: DomainBytes,
        status: DaemonStatus?
    ) {
        name = entry.name
        role = entry.role
        architecture = entry.facts.architecture
        quantization = entry.facts.quantization
        parameters = entry.facts.parameterCount
        bytes = entry.fileBytes
        trainingContext = entry.facts.trainingContext
        let known = status?.models.filter { $0.model == entry.name } ?? []
        states = known.map(\.state)
        projector = entry.projector
        pinned = entry.overrides.isPinned ?? false || known.contains(where: \.pinned)
        path = entry.path
        folder = entry.folder
        fits = false
        do {
            let subject = try PlanSubject(entry, settings)
            let sizing = ContextSizing(serving: subject, machine: machine)
            let planned = try sizing.plan(MemoryPlanner(subject.model), within: budget).plan
            plannedBytes = planned.total.total
            context = planned.contextTokensPerSequence
            fits = planned.total.fits(in: budget)
        } catch {
            problem = "\(error)"
        }
    }

    /// A table of models.
    static func table(_ models: [ListedModel]) -> Table {
        var table = Table([
            .flexible("NAME"), .text("ROLE"), .number("SIZE"), .text("QUANT"),
            .number("CONTEXT"), .text("FITS"), .text("STATE"), .flexible("FOLDER"),
        ])
        for model in models {
            let states = Set(model.states).subtracting(["absent"]).sorted()
            table.add([
                model.name,
                model.role.rawValue,
                "\(model.bytes)",
                model.quantization ?? "-",
                model.trainingContext.map { "\($0)" } ?? "-",
                model.verdict,
                (states + (model.pinned ? ["pinned"] : [])).joined(separator: ", "),
                model.folder,
            ])
        }
        return table
    }

    /// Whether it fits, in a word or two.
    private var verdict: String {
        guard problem == nil else { return "cannot be planned" }
        guard fits else { return "no, needs \(plannedBytes ?? .zero)" }
        guard role == .chat, let context, let trainingContext, context < trainingContext else {
            return "yes"
        }
        return context < ContextSizing.usualContext ? "up to \(context) tokens" : "yes"
    }
}
