import CorralCache
import CorralCatalogue
import CorralServer
import Logging

/// Takes on a configuration that has changed, touching only what differs.
actor Reloader<Engine: ModelEngine> {
    private let started: Settings
    private let live: LiveSettings
    private let catalogue: ModelCatalogue
    private let cache: ModelCache<Engine>
    private let logger: Logger
    private let hasStoredKeys: @Sendable () -> Bool
    private let read: @Sendable () throws -> Settings

    /// Creates a reloader.
    ///
    /// - Parameters:
    ///   - live: What counts now, and will count.
    ///   - catalogue: Knows the models.
    ///   - cache: Holds those in memory.
    ///   - logger: Where changes are reported.
    ///   - hasStoredKeys: Whether there is a key in the file of keys.
    ///   - read: Reads the settings as at the start: with the same flags, from the same file.
    init(
        _ live: LiveSettings,
        catalogue: ModelCatalogue,
        cache: ModelCache<Engine>,
        logger: Logger,
        hasStoredKeys: @escaping @Sendable () -> Bool = { false },
        read: @escaping @Sendable () throws -> Settings
    ) {
        started = live.current
        self.live = live
        self.catalogue = catalogue
        self.cache = cache
        self.logger = logger
        self.hasStoredKeys = hasStoredKeys
        self.read = read
    }

    /// Reads the settings and takes them on.
    ///
    /// - Returns: What came of it.
    /// - Throws: Where they make no sense; nothing has changed then.
    func reload() throws -> ReloadReport {
        let new: Settings
        do {
            new = try read()
            try new.checkExposure(hasStoredKeys: hasStoredKeys())
            // Last of all that can fail, and before anything is changed.
            _ = try cache.availableMemory()
        } catch {
            logger.error("the configuration was not read again", metadata: ["error": "\(error)"])
            throw error
        }
        let old = live.current
        let before = ModelChanges.Snapshot(settings: old, listing: catalogue.listing())
        let difference = SettingsDifference(from: old, started: started, to: new)
        live.current = new
        let listing = catalogue.update(stores: new.places, overrides: new.overrides)
        let after = ModelChanges.Snapshot(settings: new, listing: listing)
        let changes = ModelChanges(from: before, to: after, resident: resident)
        // Pins first, so that nothing leaves that is to stay.
        for model in changes.pinned { cache.pin(model) }
        for model in changes.unpinned { cache.unpin(model) }
        for model in changes.leaving { cache.unload(model) }
        cache.setUsualKeepAlive(new.keepAlive)
        if difference.live.contains(.memory) { try cache.setBudget(new.memory) }
        let report = ReloadReport(difference, changes, before: before, after: after)
        log(report, listing)
        return report
    }

    /// The same for who does not wait for an answer; what goes wrong is logged.
    func reloadQuietly() { _ = try? reload() }

    private var resident: [ModelID] {
        cache.statistics.models.filter { model in
            switch model.state {
            case .loading, .resident, .draining: true
            case .unloading, .coolingDown, .absent: false
            }
        }.map(\.id)
    }

    private func log(_ report: ReloadReport, _ listing: CatalogueListing) {
        logger.notice(
            "the configuration was read again",
            metadata: [
                "changed": "\(report.changed.joined(separator: ", "))",
                "added": "\(report.added.count)", "removed": "\(report.removed.count)",
                "reloading": "\(report.reloading.joined(separator: ", "))",
            ]
        )
        if !report.needRestart.isEmpty {
            let settings = report.needRestart.joined(separator: ", ")
            logger.warning(
                "restart for other settings to count",
                metadata: ["settings": "\(settings)"]
            )
        }
        for name in listing.unmatchedOverrides {
            logger.warning(
                "the configuration has a section for no model",
                metadata: ["name": "\(name)"]
            )
        }
    }
}

extension ReloadReport {
    /// Puts what was found into names.
    init(
        _ difference: SettingsDifference,
        _ changes: ModelChanges,
        before: ModelChanges.Snapshot,
        after: ModelChanges.Snapshot
    ) {
        func names(_ models: [ModelID], _ listing: CatalogueListing) -> [String] {
            models.map { model in
                listing.entries.first { $0.path == model.path }?.name ?? model.path
            }
        }
        self.init()
        changed = difference.live.map(\.key)
        needRestart = difference.restart.map(\.key)
        added = changes.added
        removed = changes.removed
        reloading = changes.reloading
        pinned = names(changes.pinned, after.listing)
        unpinned = names(changes.unpinned, before.listing)
    }
}
