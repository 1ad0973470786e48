/// What differs between the settings a daemon runs with and those it is to go on with.
struct SettingsDifference: Hashable, Sendable {
    /// The settings that can count from now on.
    let live: [Setting]

    /// The settings that count only after a restart.
    let restart: [Setting]

    /// Compares settings.
    ///
    /// - Parameters:
    ///   - current: What counts now.
    ///   - started: What the daemon was started with; what cannot change while it runs is
    ///     compared with that.
    ///   - new: What is to count.
    init(from current: Settings, started: Settings, to new: Settings) {
        live = Setting.allCases.filter { $0.isLive && !$0.isSame(in: current, new) }
        restart = Setting.allCases.filter { !$0.isLive && !$0.isSame(in: started, new) }
    }
}

extension Setting {
    /// Whether a running daemon can take on another value.
    var isLive: Bool {
        switch self {
        case .folders, .stores, .memory, .context, .parallel, .kvType, .threads, .gpuLayers,
            .keepAlive, .logLevel, .apiKey, .apiKeyFile:
            true
        default: false
        }
    }

    /// Whether it says the same in two settings.
    ///
    /// Settings that name a file or a folder are compared by what was found there: a file of keys may
    /// change without its path, a default folder may have been made. All others are compared as they
    /// are written.
    func isSame(in first: Settings, _ second: Settings) -> Bool {
        switch self {
        case .folders: first.folders == second.folders
        case .stores: first.stores == second.stores
        // The keys are told to differ once, however many of the two settings have some.
        case .apiKey: first.apiKeys == second.apiKeys
        case .apiKeyFile: true
        default: first.sources.values[self]?.texts == second.sources.values[self]?.texts
        }
    }
}
