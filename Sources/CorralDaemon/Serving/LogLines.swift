import Foundation
import Logging

/// Writes logs to standard error, a line each: for people, or JSON for programs.
struct LogLines: LogHandler {
    var logLevel: Logger.Level {
        get { ownLevel ?? level() }
        set { ownLevel = newValue }
    }
    var metadata: Logger.Metadata = [:]
    /// The level that somebody set on this logger alone; `nil` where the level of all loggers counts.
    private var ownLevel: Logger.Level?
    private let level: @Sendable () -> Logger.Level
    private let label: String
    private let format: Settings.LogFormat
    private let write: @Sendable (String) -> Void
    private let now: @Sendable () -> Date

    /// Creates a handler.
    ///
    /// - Parameters:
    ///   - label: What the logger is called.
    ///   - level: Tells the least level that is written, which may change.
    ///   - format: How a line is written.
    ///   - now: The time.
    ///   - write: Takes a line with its end.
    init(
        label: String,
        level: @escaping @Sendable () -> Logger.Level,
        format: Settings.LogFormat,
        now: @escaping @Sendable () -> Date = { Date() },
        write: @escaping @Sendable (String) -> Void
    ) {
        self.label = label
        self.level = level
        self.format = format
        self.now = now
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        if let error = event.error { all["error"] = "\(error)" }
        let fields = all.sorted { $0.key < $1.key }
        switch format {
        case .text: write(text(event, fields))
        case .json: write(json(event, fields))
        }
    }

    private func text(
        _ event: LogEvent,
        _ fields: [(key: String, value: Logger.Metadata.Value)]
    ) -> String {
        let time = now().formatted(.iso8601.time(includingFractionalSeconds: true))
        let details = fields.map { " \($0.key)=\(Self.quoted("\($0.value)"))" }.joined()
        return "\(time) \(event.level.rawValue): \(Self.escaped("\(event.message)"))\(details)\n"
    }

    private func json(
        _ event: LogEvent,
        _ fields: [(key: String, value: Logger.Metadata.Value)]
    ) -> String {
        var object = Dictionary(fields.map { ($0.key, LoggedValue($0.value)) }) { _, last in last }
        object["time"] = .text(
            now().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        )
        object["level"] = .text(event.level.rawValue)
        object["logger"] = .text(label)
        object["message"] = .text("\(event.message)")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = (try? encoder.encode(object)) ?? Data("{}".utf8)
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    private static func quoted(_ text: String) -> String {
        let needsQuotes = text.isEmpty || text.contains { $0.isWhitespace || "\"=".contains($0) }
        return needsQuotes ? "\"\(escaped(text.replacing("\"", with: "'")))\"" : escaped(text)
    }

    /// One line, whatever a client sent: a line break in it would forge the next line.
    private static func escaped(_ text: String) -> String {
        String(
            text.unicodeScalars.map { scalar in
                let isControl = scalar.value < 0x20 || scalar.value == 0x7F
                return isControl ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
            }.joined()
        )
    }
}

/// A value of a log line as JSON has it: numbers stay numbers, so that programs can
/// compare them.
enum LoggedValue: Hashable, Sendable {
    case text(String)
    case whole(Int64)
    case number(Double)
    case flag(Bool)
    case list([LoggedValue])
    case object([String: LoggedValue])

    init(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): self = .text(text)
        case .stringConvertible(let value): self.init(described: value)
        case .array(let values): self = .list(values.map(LoggedValue.init))
        case .dictionary(let values): self = .object(values.mapValues(LoggedValue.init))
        }
    }

    private init(described value: any CustomStringConvertible) {
        switch value {
        case let value as any BinaryInteger: self = .whole(Int64(clamping: value))
        // JSON has no infinity.
        case let value as Double: self = value.isFinite ? .number(value) : .text("\(value)")
        case let value as Bool: self = .flag(value)
        default: self = .text("\(value)")
        }
    }
}

extension LoggedValue: Encodable {
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let value): try container.encode(value)
        case .whole(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .flag(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .object(let values): try container.encode(values)
        }
    }
}
