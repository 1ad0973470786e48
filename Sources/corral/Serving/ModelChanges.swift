import CorralCache
import CorralCatalogue
import CorralLlamaServer
import CorralPlanner

/// What new settings mean for the models: a value, so that it can be looked at before anything is
/// done.
struct ModelChanges: Hashable, Sendable {
    /// The models as they were found with some settings.
    struct Snapshot: Sendable {
        var settings: Settings
        var listing: CatalogueListing

        fileprivate var names: [String: String] {
            Dictionary(listing.entries.map { ($0.path, $0.name) }) { first, _ in first }
        }

        /// What a model would be loaded with; `nil` where it is not there, or not for that role.
        fileprivate func options(_ model: ModelID) -> LlamaServerOptions? {
            guard let entry = listing.entries.first(where: { $0.path == model.path }),
                entry.roles.contains(model.role)
            else { return nil }
            var options = settings.options(for: entry, as: model.role)
            // Another name is no reason to load a model again.
            options.alias = nil
            return options
        }

        /// The models that the configuration pins, each in its usual role.
        fileprivate var pins: Set<ModelID> {
            Set(
                listing.entries.filter { $0.overrides.isPinned == true }
                    .map { ModelID(path: $0.path, role: $0.role) }
            )
        }
    }

    /// The names of models that are there now and were not before.
    var added: [String]
    /// The names of models that are not there any more.
    var removed: [String]
    /// The models in memory that are to leave: gone, or loaded differently from now on.
    var leaving: [ModelID]
    /// The names of those that are loaded differently.
    var reloading: [String]
    /// The models to pin.
    var pinned: [ModelID]
    /// The models to pin no more; those that somebody pinned by hand stay pinned.
    var unpinned: [ModelID]

    /// Compares.
    ///
    /// - Parameters:
    ///   - before: The models as they were.
    ///   - after: The models as they are to be.
    ///   - resident: What is in memory, or on its way there.
    init(from before: Snapshot, to after: Snapshot, resident: [ModelID]) {
        let (old, new) = (before.names, after.names)
        added = new.filter { old[$0.key] == nil }.map(\.value).sorted()
        removed = old.filter { new[$0.key] == nil }.map(\.value).sorted()
        leaving = resident.sorted().filter { before.options($0) != after.options($0) }
        reloading = Set(leaving.compactMap { new[$0.path] }).sorted()
        pinned = after.pins.subtracting(before.pins).sorted()
        unpinned = before.pins.subtracting(after.pins).sorted()
    }
}

extension Settings {
    /// What a model is loaded with: as set for it, for all models, by the store it comes from, and
    /// else as the engine has it.
    func options(for entry: CatalogueEntry?, as role: ModelRole) -> LlamaServerOptions {
        let defaults = entry?.defaults ?? ModelOverrides()
        let usual = defaults.overridden(by: models)
        var options = LlamaServerOptions(
            entry.map { usual.overridden(by: $0.overrides) } ?? usual,
            alias: entry?.name
        )
        // Only who talks can be shown pictures.
        if role == .chat { options.projector = entry?.projector }
        return options
    }
}
