import CorralCache
import CorralCatalogue
import Logging

/// Looks for new models from time to time, so that they are listed, pinned and told of without
/// anybody asking.
struct CatalogueWatch<Engine: ModelEngine>: Sendable {
    let catalogue: ModelCatalogue
    let cache: ModelCache<Engine>
    let logger: Logger

    /// The time between two looks; while nothing has changed, one costs a system call for each file
    /// and folder.
    static var interval: Duration { .seconds(10) }

    /// Looks until it is cancelled.
    func run(clock: some Clock<Duration> = ContinuousClock()) async {
        var known = catalogue.listing()
        while (try? await clock.sleep(for: Self.interval)) != nil {
            let found = catalogue.listing()
            if found != known { report(from: known, to: found) }
            known = found
        }
    }

    private func report(from old: CatalogueListing, to new: CatalogueListing) {
        let before = Set(old.entries.map(\.path))
        let after = Set(new.entries.map(\.path))
        for entry in new.entries where !before.contains(entry.path) {
            logger.notice(
                "found a model",
                metadata: [
                    "model": "\(entry.name)", "role": "\(entry.role)",
                    "bytes": "\(entry.fileBytes)", "from": "\(entry.store.rawValue)",
                ]
            )
            if entry.overrides.isPinned == true {
                cache.pin(ModelID(path: entry.path, role: entry.role))
            }
        }
        for entry in old.entries where !after.contains(entry.path) {
            logger.notice("a model is gone", metadata: ["model": "\(entry.name)"])
        }
    }
}
