import CorralCatalogue
import CorralDaemon

extension Examination {
    /// Whether there are models, and what is wrong with what is none.
    func models(_ settings: Settings) -> [Finding] {
        let listing = probe.listing(settings)
        var findings = settings.places.compactMap { place($0, listing, settings) }
        let damaged = listing.unusable.filter { $0.kind == .damaged }
        findings += damaged.prefix(Self.shown).map {
            .warning("file", $0.reason, "Fetch it again, or remove it.")
        }
        let unfinished = listing.unusable.count { $0.kind == .unfinished }
        if unfinished > 0 {
            let files = unfinished == 1 ? "1 download" : "\(unfinished) downloads"
            findings.append(
                .warning(
                    "file",
                    "\(files) did not finish",
                    "`corral list --all` names them; fetch them again, or remove them."
                )
            )
        }
        if damaged.count > Self.shown {
            findings.append(
                .warning(
                    "file",
                    "\(damaged.count - Self.shown) more cannot be used",
                    "`corral list --all` names them."
                )
            )
        }
        for name in listing.unmatchedOverrides {
            findings.append(
                .warning(
                    "configuration",
                    "it has a section for \(name), which is no model here",
                    "`corral list` has the names; remove the section, or correct it."
                )
            )
        }
        if listing.entries.isEmpty {
            findings.append(
                .problem(
                    "models",
                    "there are none",
                    "Put GGUF files into a folder that is searched, or name one with --models."
                )
            )
        }
        return findings
    }

    /// How many damaged files are named.
    private static let shown = 5

    /// The finding about a place of models; `nil` where its tool is not installed.
    private func place(
        _ store: ModelStore,
        _ listing: CatalogueListing,
        _ settings: Settings
    ) -> Finding? {
        let isFolder = store.kind == .folder
        let subject = isFolder ? "folder" : store.kind.title
        switch probe.item(store.path) {
        case .denied:
            let advice =
                isFolder
                ? "Change its permissions." : "Join the group that may read it, or leave it out."
            return .warning(subject, "\(store.path) may not be read by this user", advice)
        case .folder, .file:
            let denied = listing.unusable.filter {
                $0.kind == .unreadable && $0.path.hasPrefix(store.path)
            }
            if let first = denied.first {
                return .warning(subject, first.reason, "Change the permissions.")
            }
            let count = listing.entries.count { entry in
                entry.path.hasPrefix(store.path)
                    || entry.places.contains { $0.path.hasPrefix(store.path) }
            }
            let models = count == 1 ? "1 model" : "\(count) models"
            return .ok(subject, "\(store.path), \(models)")
        case .other, nil:
            guard isFolder else { return nil }
            // Nobody has to have the folder that is searched where none is named.
            let isNamed = settings.sources.values[.folders] != nil
            guard isNamed else { return .ok(subject, "\(store.path) is not there yet") }
            return .problem(
                subject,
                "there is no folder \(store.path)",
                "Create it, or name another."
            )
        }
    }
}
