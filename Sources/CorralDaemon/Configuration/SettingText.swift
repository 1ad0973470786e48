import CorralCache
import CorralMemory

/// A setting as it is written, and the ways to read it.
struct SettingText {
    /// The text.
    let text: String
    /// The name of the setting.
    let name: String
    /// The place of the text.
    let source: SettingSource

    init(_ text: String, name: String, source: SettingSource) {
        self.text = text
        self.name = name
        self.source = source
    }

    /// The error for a text that makes no sense.
    ///
    /// - Parameter expected: What to write instead.
    /// - Returns: An error with the place of the text.
    func error(_ expected: String) -> ConfigurationError {
        ConfigurationError(
            .invalidValue,
            at: source,
            "\(name) is “\(text)”; write \(expected)."
        )
    }

    func number(in range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw error("a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func flag() throws(ConfigurationError) -> Bool {
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw error("true or false")
        }
    }

    func choice<Choice: RawRepresentable>(
        _ choices: [Choice]
    ) throws(ConfigurationError) -> Choice where Choice.RawValue == String {
        let wanted = text.lowercased()
        guard let choice = choices.first(where: { $0.rawValue == wanted }) else {
            throw error(choices.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    func word(_ words: [String]) throws(ConfigurationError) -> String {
        let wanted = text.lowercased()
        guard words.contains(wanted) else { throw error(words.joined(separator: ", ")) }
        return wanted
    }

    func memory() throws(ConfigurationError) -> MemoryBudget {
        do throws(MemoryBudgetError) {
            return try MemoryBudget(argument: text)
        } catch {
            throw ConfigurationError(.invalidValue, at: source, error.description)
        }
    }

    /// A size above zero.
    func size() throws(ConfigurationError) -> ByteCount {
        guard let size = ByteCount(parsing: text), size > .zero else {
            throw error("a size such as 64MiB")
        }
        return size
    }

    func keepAlive() throws(ConfigurationError) -> KeepAlive {
        guard let keepAlive = KeepAlive(parsing: text) else {
            throw error("a time such as 10m, 0 to unload at once, or -1 to stay until evicted")
        }
        return keepAlive
    }

    /// A time; `nil` for a negative one, which means no limit.
    func duration() throws(ConfigurationError) -> Duration? {
        switch KeepAlive(parsing: text) {
        case .idle(let duration): return duration
        case .untilEvicted, .skiRental: return nil
        case nil: throw error("a time such as 30s or 10m, or -1 for no limit")
        }
    }
}
