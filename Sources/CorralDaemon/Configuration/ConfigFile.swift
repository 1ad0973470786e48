import CorralCache
import Foundation
import Yams

/// A configuration file: settings as they are written, each with its line.
///
/// ```yaml
/// folders: [~/models]
/// memory: 75%
/// models:
///   smollm2-135m-instruct:
///     context: 4096
///     pin: true
/// ```
package struct ConfigFile: Sendable {
    /// The value, or the list of values, behind one key.
    package struct Value: Hashable, Sendable {
        /// The values as they are written; a key without a list has one.
        package var texts: [String]
        /// Whether it is written as a list.
        package var isList: Bool
        /// The line of the key, the first being 1.
        package var line: Int
    }

    /// The section of one model.
    package struct Model: Hashable, Sendable {
        package var name: String
        package var line: Int
        package var values: [String: Value]
    }

    /// The path of the file, which messages name.
    package let path: String

    /// The settings in the file.
    package private(set) var settings: [Setting: Value] = [:]

    /// The sections of single models, in the order of the file.
    package private(set) var models: [Model] = []

    /// Reads a file.
    ///
    /// - Throws: ``ConfigurationError`` where it cannot be read or does not make sense.
    package init(path: String) throws(ConfigurationError) {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw ConfigurationError(
                .unreadable,
                "The configuration file \(path) cannot be read; check the path and its permissions."
            )
        }
        try self.init(path: path, text: text)
    }

    /// Reads a text.
    package init(path: String, text: String) throws(ConfigurationError) {
        self.path = path
        guard let root = try Self.root(of: text, path: path) else { return }
        for (key, node) in try pairs(root, "The file") {
            guard key.text != "models" else {
                for (name, node) in try pairs(node, "models") {
                    models.append(try model(name, node))
                }
                continue
            }
            guard let setting = Setting(rawValue: key.text) else {
                let known = Setting.allCases.map(\.key) + ["models"]
                throw unknown(key, known: known, where: "the configuration")
            }
            guard let value = try value(node, key) else { continue }
            guard setting.isList || !value.isList else {
                throw ConfigurationError(
                    .invalidValue,
                    at: source(key.line),
                    "\(key.text) must be one value, not a list."
                )
            }
            settings[setting] = value
        }
    }

    /// The place of a value on a line of this file, for messages.
    package func source(_ line: Int) -> SettingSource { .file(path, line: line) }

    private typealias Key = (text: String, line: Int)

    private static func root(
        of text: String,
        path: String
    ) throws(ConfigurationError) -> Node? {
        func malformed(_ line: Int?, _ problem: String) -> ConfigurationError {
            let source = SettingSource.file(path, line: line ?? 1)
            return ConfigurationError(.malformed, at: source, "This is not YAML: \(problem).")
        }
        do {
            return try Yams.compose(yaml: text)
        } catch YamlError.scanner(_, let problem, let mark, _),
            YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _)
        {
            throw malformed(mark.line, problem)
        } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
            let keys = duplicates.sorted().joined(separator: ", ")
            throw malformed(context.mark.line, "\(keys) is there twice")
        } catch {
            throw malformed(nil, "\(error)")
        }
    }

    /// The keys and values of a mapping; `_` may stand for `-` in a key.
    private func pairs(
        _ node: Node,
        _ what: String
    ) throws(ConfigurationError) -> [(Key, Node)] {
        guard let mapping = node.mapping else {
            if Self.isNothing(node) { return [] }
            throw ConfigurationError(
                .malformed,
                at: source(node.mark?.line ?? 1),
                "\(what) must hold keys and values, each on a line like `memory: 75%`."
            )
        }
        return mapping.map { key, value in
            let written = key.scalar?.string ?? ""
            let text = what == "models" ? written : written.replacing("_", with: "-")
            return ((text, key.mark?.line ?? 1), value)
        }
    }

    private func model(_ name: Key, _ node: Node) throws(ConfigurationError) -> Model {
        var values: [String: Value] = [:]
        for (key, node) in try pairs(node, name.text) {
            guard ModelSetting(rawValue: key.text) != nil else {
                throw unknown(
                    key,
                    known: ModelSetting.allCases.map(\.rawValue),
                    where: "a model's section"
                )
            }
            if let value = try value(node, key) { values[key.text] = value }
        }
        return Model(name: name.text, line: name.line, values: values)
    }

    /// The value of a key; `nil` where nothing is written behind it.
    private func value(_ node: Node, _ key: Key) throws(ConfigurationError) -> Value? {
        if Self.isNothing(node) { return nil }
        if let text = node.scalar?.string {
            return Value(texts: [text], isList: false, line: key.line)
        }
        let texts = node.sequence?.compactMap { $0.scalar?.string }
        guard let texts, texts.count == node.sequence?.count else {
            throw ConfigurationError(
                .invalidValue,
                at: source(key.line),
                "\(key.text) must be one value, or a list of values."
            )
        }
        return Value(texts: texts, isList: true, line: key.line)
    }

    private static func isNothing(_ node: Node) -> Bool {
        guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else {
            return false
        }
        return ["", "~", "null"].contains(scalar.string)
    }

    private func unknown(
        _ key: Key,
        known: [String],
        where place: String
    ) -> ConfigurationError {
        let nearest = NearestNames.nearest(to: key.text, among: known, limit: 1).first
        let hint =
            nearest.map { "did you mean \($0)?" } ?? "known are \(known.joined(separator: ", "))."
        return ConfigurationError(
            .unknownKey,
            at: source(key.line),
            "There is no “\(key.text)” in \(place); \(hint)"
        )
    }
}
