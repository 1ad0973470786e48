import CorralCache
import CorralCatalogue
import CorralPlanner

/// A setting of a single model, as its section of the configuration file names it.
enum ModelSetting: String, CaseIterable, Sendable {
    case role
    case context
    case kvType = "kv-type"
    case cacheTypeKeys = "cache-type-k"
    case cacheTypeValues = "cache-type-v"
    case slots
    case threads
    case gpuLayers = "gpu-layers"
    case keepAlive = "keep-alive"
    case pin
    case arguments
}

extension ConfigFile {
    /// The settings of single models, in the order of the file.
    ///
    /// - Throws: ``ConfigurationError`` with the line of a value that makes no sense.
    func overrides() throws(ConfigurationError) -> [(name: String, overrides: ModelOverrides)] {
        var result: [(name: String, overrides: ModelOverrides)] = []
        for model in models { result.append((model.name, try overrides(model))) }
        return result
    }

    private func overrides(_ model: Model) throws(ConfigurationError) -> ModelOverrides {
        var result = ModelOverrides()
        // In the order of the cases, so that `cache-type-k` and `-v` go before `kv-type`, which is both.
        for setting in ModelSetting.allCases {
            guard let value = model.values[setting.rawValue] else { continue }
            let text = SettingText(
                value.texts.joined(separator: " "),
                name: setting.rawValue,
                source: source(value.line)
            )
            if value.isList, setting != .arguments {
                throw text.error("one value, not a list")
            }
            switch setting {
            case .role: result.role = try text.choice(ModelRole.allCases)
            case .context: result.contextTokens = try text.number(in: 1...Int(Int32.max))
            case .kvType:
                result.keyCacheType = try text.choice(CacheType.allCases)
                result.valueCacheType = result.keyCacheType
            case .cacheTypeKeys: result.keyCacheType = try text.choice(CacheType.allCases)
            case .cacheTypeValues: result.valueCacheType = try text.choice(CacheType.allCases)
            case .slots: result.slots = try text.number(in: 1...256)
            case .threads: result.threads = try text.number(in: 1...1024)
            case .gpuLayers: result.gpuLayers = try text.number(in: 0...100_000)
            case .keepAlive: result.keepAlive = try text.keepAlive()
            case .pin: result.isPinned = try text.flag()
            case .arguments:
                guard value.isList else {
                    throw text.error("a list such as [--temp, 0.2]")
                }
                result.arguments = value.texts
            }
        }
        return result
    }
}
