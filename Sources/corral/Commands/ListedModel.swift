import CorralCache
import CorralCatalogue
import CorralDaemon
import CorralMemory
import CorralPlanner
import CorralWire

/// A model as `corral list` shows it.
struct ListedModel: Encodable {
    /// Another place of its file.
    struct Place: Encodable {
        var store: String
        var path: String
    }

    var name: String
    var aliases: [String]
    /// The shorter name it would have, were there no other model of that name.
    var shorterName: String?
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
    /// Whether its memory can be had now; absent where it cannot be planned.
    var fit: Fit?
    /// Why it cannot be planned, if it cannot.
    var problem: String?
    var projector: String?
    var projectorBytes: ByteCount?
    var pinned: Bool
    /// The kind of store the model comes from: `folder`, `ollama` and so on.
    var store: String
    var path: String
    var folder: String
    var places: [Place]

    init(
        _ entry: CatalogueEntry,
        settings: Settings,
        machine: Machine,
        memory: MemoryNow,
        status: DaemonStatus?
    ) {
        name = entry.name
        aliases = entry.aliases
        shorterName = entry.shorterName
        role = entry.role
        architecture = entry.facts.architecture
        quantization = entry.facts.quantization
        parameters = entry.facts.parameterCount
        bytes = entry.fileBytes
        trainingContext = entry.facts.trainingContext
        let known = status?.models.filter { $0.model == entry.name } ?? []
        states = known.map(\.state)
        projector = entry.projector
        projectorBytes = entry.projector == nil ? nil : entry.projectorBytes
        pinned = entry.overrides.isPinned ?? false || known.contains(where: \.pinned)
        store = entry.store.rawValue
        path = entry.path
        folder = entry.folder
        places = entry.places.map { Place(store: $0.store.rawValue, path: $0.path) }
        fits = false
        do {
            let subject = try PlanSubject(entry, settings)
            let sizing = try LoadSizing(serving: subject, machine: machine)
            let planned = try sizing.settled(
                MemoryPlanner(subject.model),
                within: memory.budget
            ).plan
            let total = planned.total
            plannedBytes = total.total
            context = planned.contextTokensPerSequence
            fits = total.fits(in: memory.budget)
            fit = states.contains("resident") ? .resident : memory.fit(total)
        } catch {
            problem = "\(error)"
        }
    }

    /// A table of models.
    static func table(_ models: [ListedModel]) -> Table {
        var table = Table([
            .flexible("NAME"), .text("ROLE"), .number("SIZE"), .text("QUANT"),
            .number("CONTEXT"), .text("FITS"), .text("STATE"), .flexible("FROM"),
        ])
        for model in models {
            let states = Set(model.states).subtracting(["absent"]).sorted()
            table.add([
                model.name,
                model.projector == nil ? model.role.rawValue : "\(model.role.rawValue), images",
                "\(model.bytes)",
                model.quantization ?? "-",
                model.trainingContext.map { "\($0)" } ?? "-",
                model.verdict,
                (states + (model.pinned ? ["pinned"] : [])).joined(separator: ", "),
                model.origin,
            ])
        }
        return table
    }

    /// The tool whose store the model is in, or its folder, and the other tools that have it too.
    private var origin: String {
        let others = Set(places.map(\.store)).subtracting([store]).sorted()
        let from = store == ModelStore.Kind.folder.rawValue ? folder : store
        return ([from] + others).joined(separator: ", ")
    }

    /// Whether it fits, in a few words.
    private var verdict: String {
        guard problem == nil else { return "cannot be planned" }
        let word =
            switch fit {
            case .resident: "in memory"
            case .now: "now"
            case .evicting: "with eviction"
            case .later: "not now"
            case .never, nil: "never, needs \(plannedBytes ?? .zero)"
            }
        guard fits, role == .chat, let context, let trainingContext, context < trainingContext,
            context < LoadSizing.defaultContext
        else { return word }
        return "\(word), \(context) tokens"
    }
}
