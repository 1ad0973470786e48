import Configuration
import Synchronization

/// Finds the value that counts for each setting: a flag's before the environment's, that before
/// the file's.
package struct SettingSources: Sendable {
    /// The value of a setting, and the place that sets it.
    package struct Value: Hashable, Sendable {
        package var texts: [String]
        package var source: SettingSource
    }

    /// The values of all settings that are set anywhere.
    package let values: [Setting: Value]

    /// Looks everything up.
    ///
    /// - Parameters:
    ///   - flags: What was given on the command line.
    ///   - environment: The variables.
    ///   - file: The configuration file, where there is one.
    package init(
        flags: [Setting: [String]] = [:],
        environment: UserEnvironment,
        file: ConfigFile? = nil
    ) {
        let recorder = ProviderRecorder()
        let written = file?.settings.mapValues(\.texts) ?? [:]
        let reader = ConfigReader(
            providers: [
                Self.provider(flags, Layer.flags),
                Self.provider(environment),
                Self.provider(written, Layer.file),
            ],
            accessReporter: recorder
        )
        values = Setting.allCases.reduce(into: [:]) { values, setting in
            let key = ConfigKey([setting.rawValue])
            let texts =
                setting.isList
                ? reader.stringArray(forKey: key, isSecret: setting.isSecret)
                : reader.string(forKey: key, isSecret: setting.isSecret).map { [$0] }
            guard let texts else { return }
            let source: SettingSource =
                switch recorder.lastProvider {
                case Layer.flags: .flag(setting.flag)
                case Layer.file:
                    .file(file?.path ?? "", line: file?.settings[setting]?.line ?? 0)
                default: .environment(setting.variable)
                }
            values[setting] = Value(texts: texts, source: source)
        }
    }

    private enum Layer {
        static let flags = "flags"
        static let file = "file"
    }

    private static func provider(
        _ values: [Setting: [String]],
        _ name: String
    ) -> InMemoryProvider {
        let pairs = values.map { setting, texts in
            let content: ConfigContent =
                setting.isList ? .stringArray(texts) : .string(texts.last ?? "")
            return (
                AbsoluteConfigKey([setting.rawValue]),
                ConfigValue(content, isSecret: setting.isSecret)
            )
        }
        return InMemoryProvider(name: name, values: Dictionary(uniqueKeysWithValues: pairs))
    }

    /// The variables under the names the provider makes of the settings' keys.
    private static func provider(_ environment: UserEnvironment) -> EnvironmentVariablesProvider {
        let pairs = Setting.allCases.compactMap { setting in
            environment[setting.variable].map { value in
                (setting.key.uppercased().replacing("-", with: "_"), value)
            }
        }
        return EnvironmentVariablesProvider(
            environmentVariables: Dictionary(uniqueKeysWithValues: pairs),
            secretsSpecifier: .all
        )
    }
}

/// Remembers which provider gave the last value.
private final class ProviderRecorder: AccessReporter {
    private let provider = Mutex("")

    var lastProvider: String { provider.withLock { $0 } }

    func report(_ event: AccessEvent) {
        let given = event.providerResults.first { (try? $0.result.get())?.value != nil }
        // In-memory providers are called “InMemoryProvider[name]”.
        let name = given?.providerName.split { "[]".contains($0) }.last.map(String.init) ?? ""
        provider.withLock { $0 = name }
    }
}

/// The place that a setting's value comes from.
package enum SettingSource: Hashable, Sendable, CustomStringConvertible {
    case flag(String)
    case environment(String)
    case file(String, line: Int)
    case standard

    package var description: String {
        switch self {
        case .flag(let name): "flag --\(name)"
        case .environment(let name): "environment \(name)"
        case .file(let path, let line): "\(path):\(line)"
        case .standard: "default"
        }
    }
}
