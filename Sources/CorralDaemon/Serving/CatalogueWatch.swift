import CorralCache
import CorralCatalogue
import CorralHost
import Logging

/// Keeps a catalogue up to date in the background, so that no request opens a file to find a model.
///
/// A new file is listed and served, and what it is is logged, within a second where the disk is
/// quick; a request for a name that is unknown waits for a look at the folders.
final class CatalogueWatch: Sendable {
    /// The time between two looks at least; while nothing has changed, one costs a system call for
    /// each file and folder.
    static let interval = Duration.seconds(1)

    private let catalogue: ModelCatalogue
    private let sampler: Sampler<CatalogueListing>
    private let logger: Logger

    /// Creates a watch; it looks when it is run, or asked.
    ///
    /// - Parameters:
    ///   - catalogue: Is searched from now on by this alone, and by who changes what it searches.
    ///   - logger: Told which models came and went.
    init(_ catalogue: ModelCatalogue, logger: Logger) {
        self.catalogue = catalogue
        self.logger = logger
        sampler = Sampler(
            "corral.catalogue",
            initial: catalogue.listing
        ) { _ in catalogue.search() }
    }

    /// Looks at the folders now, and suspends until that is done; however many ask, one looks.
    func refresh() async { await sampler.refresh() }

    /// Looks until the task is cancelled.
    ///
    /// - Parameters:
    ///   - cache: Where models that came are pinned, if the configuration pins them.
    ///   - clock: What the time between looks is measured on.
    func run<Engine: ModelEngine>(
        pinningIn cache: ModelCache<Engine>,
        clock: any Clock<Duration> = ContinuousClock()
    ) async {
        var known = catalogue.listing
        await sampler.run(every: Self.interval, clock: clock) { found in
            guard found != known else { return }
            report(from: known, to: found) { cache.pin($0) }
            known = found
        }
    }

    private func report(
        from old: CatalogueListing,
        to new: CatalogueListing,
        pin: (ModelID) -> Void
    ) {
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
                pin(ModelID(path: entry.path, role: entry.role))
            }
        }
        for entry in old.entries where !after.contains(entry.path) {
            logger.notice("a model is gone", metadata: ["model": "\(entry.name)"])
        }
    }
}
