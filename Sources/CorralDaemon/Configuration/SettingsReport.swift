/// The settings that count, each with its value and where it comes from, without secrets.
package struct SettingsReport: Encodable, Sendable {
    package struct Row: Encodable, Hashable, Sendable {
        package var setting: String
        package var value: String
        package var source: String
    }

    package let rows: [Row]

    /// Describes settings.
    package init(_ settings: Settings) {
        let general = Setting.allCases.map { setting in
            guard let value = settings.sources.values[setting] else {
                return Row(
                    setting: setting.key,
                    value: Self.standard(setting, settings),
                    source: SettingSource.standard.description
                )
            }
            let shown =
                setting.isSecret
                ? "(\(value.texts.count) hidden)" : value.texts.joined(separator: ", ")
            return Row(setting: setting.key, value: shown, source: value.source.description)
        }
        let single = settings.file.map { file in
            file.models.flatMap { model in
                model.values.sorted { ($0.value.line, $0.key) < ($1.value.line, $1.key) }.map {
                    Row(
                        setting: "models.\(model.name).\($0.key)",
                        value: $0.value.texts.joined(separator: " "),
                        source: file.source($0.value.line).description
                    )
                }
            }
        }
        rows = general + (single ?? [])
    }

    private static func standard(_ setting: Setting, _ settings: Settings) -> String {
        switch setting {
        case .folders: settings.folders.joined(separator: ", ")
        case .port: "\(settings.port)"
        case .stateFolder: settings.stateFolder ?? "off"
        case .keepAlive where settings.isSharedDesktop: "\(settings.keepAlive)"
        case .keysFile: settings.keysFile
        default: setting.defaultText ?? "(\(setting.absence))"
        }
    }

    /// The rows as an object a program can look settings up in.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let pairs = rows.map { ($0.setting, ["value": $0.value, "source": $0.source]) }
        try container.encode(Dictionary(pairs) { _, last in last })
    }
}
