import CorralCache
import CorralCatalogue
import CorralHost
import CorralServer
import Logging

/// Takes on a configuration that has changed, touching only what differs.
///
/// Reading files and searching folders blocks, so it is done on a thread of its own, which also sees
/// to it that one reload ends before the next begins.
final class Reloader<Engine: ModelEngine>: Sendable {
    private let started: Settings
    private let live: LiveSettings
    private let catalogue: ModelCatalogue
    private let cache: ModelCache<Engine>
    private let logger: Logger
    private let hasStoredKeys: @Sendable () -> Bool
    private let read: @Sendable () throws -> Settings
    private let thread = BlockingThread("corral.reload")

    /// Creates a reloader.
    ///
    /// - Parameters:
    ///   - live: The settings that count now, which are replaced.
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
    /// - Returns: What has changed, and what would need a restart.
    /// - Throws: Where they make no sense; nothing has changed then.
    func reload() async throws -> ReloadReport {
        try await thread.run { try self.takeOn() }
    }

    /// The same for a caller that does not wait for an answer; what goes wrong is logged.
    func reloadQuietly() async { _ = try? await reload() }

    private func takeOn() throws -> ReloadReport {
        let new: Settings
        do {
            new = try read()
            try new.checkExposure(hasStoredKeys: hasStoredKeys())
        } catch {
            logger.error("the configuration was not read again", metadata: ["error": "\(error)"])
            throw error
        }
        let old = live.current
        let before = snapshot(old, catalogue.listing)
        let difference = SettingsDifference(from: old, started: started, to: new)
        live.current = new
        let listing = catalogue.update(stores: new.places, overrides: new.overrides)
        let after = snapshot(new, listing)
        let changes = ModelChanges(from: before, to: after, resident: resident)
        // Pins first, so that no model leaves that is to stay.
        for model in changes.pinned { cache.pin(model) }
        for model in changes.unpinned { cache.unpin(model) }
        for model in changes.leaving { cache.unload(model) }
        cache.setDefaultKeepAlive(new.keepAlive)
        if difference.live.contains(.memory) { cache.setBudget(new.memory) }
        let report = ReloadReport(difference, changes, before: before, after: after)
        log(report, listing)
        return report
    }

    /// The models as the engine that runs would load them: another engine needs a restart.
    private func snapshot(
        _ settings: Settings,
        _ listing: CatalogueListing
    ) -> ModelChanges.Snapshot {
        var settings = settings
        settings.engine = started.engine
        return ModelChanges.Snapshot(settings: settings, listing: listing)
    }

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
    /// Puts changes into names.
    fileprivate init(
        _ difference: SettingsDifference,
        _ changes: ModelChanges,
        before: ModelChanges.Snapshot,
        after: ModelChanges.Snapshot
    ) {
        self.init()
        changed = difference.live.map(\.key)
        needRestart = difference.restart.map(\.key)
        added = changes.added
        removed = changes.removed
        reloading = changes.reloading
        pinned = after.names(of: changes.pinned)
        unpinned = before.names(of: changes.unpinned)
    }
}
