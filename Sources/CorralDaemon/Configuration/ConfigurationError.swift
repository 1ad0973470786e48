/// Why a configuration cannot be used.
struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    struct Code: Hashable, Sendable {
        let name: String

        /// The file cannot be read.
        static let unreadable = Code(name: "unreadable")
        /// The file is not YAML.
        static let malformed = Code(name: "malformed")
        /// A key is none there is.
        static let unknownKey = Code(name: "unknown_key")
        /// A value is none the setting takes.
        static let invalidValue = Code(name: "invalid_value")
        /// Other machines could use the server without a key.
        static let exposed = Code(name: "exposed")

        static func ~= (code: Code, error: any Error) -> Bool {
            (error as? ConfigurationError)?.code == code
        }
    }

    /// What kind of mistake it is.
    var code: Code

    /// Where it was made; `nil` where no one place is to blame.
    var source: SettingSource?

    /// One sentence: what is wrong, what was expected, what to do.
    var message: String

    init(_ code: Code, at source: SettingSource? = nil, _ message: String) {
        self.code = code
        self.source = source
        self.message = message
    }

    var description: String {
        source.map { "\($0): \(message)" } ?? message
    }
}
