/// Why the daemon cannot run, or a command cannot, with what a person has set up.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of mistake.
    package struct Code: Hashable, Sendable {
        /// The code as programs read it, in snake case.
        package let name: String

        /// A file cannot be read.
        package static let unreadable = Code(name: "unreadable")
        /// A file cannot be written.
        package static let unwritable = Code(name: "unwritable")
        /// A file is not what it should be: not YAML, or no list of keys.
        package static let malformed = Code(name: "malformed")
        /// There is no setting of that name.
        package static let unknownKey = Code(name: "unknown_key")
        /// The setting does not take that value.
        package static let invalidValue = Code(name: "invalid_value")
        /// An API key's name, scope, digest or limits make no sense.
        package static let invalidKey = Code(name: "invalid_key")
        /// Other machines could use the server without a key.
        package static let exposed = Code(name: "exposed")
        /// There is no llama-server where it was named, or anywhere.
        package static let missingServer = Code(name: "missing_server")
        /// There is no program that asks llama.cpp what models take.
        package static let missingHelper = Code(name: "missing_helper")
        /// This program was built without the engine that is wanted.
        package static let missingEngine = Code(name: "missing_engine")
        /// An address cannot be listened on.
        package static let addressInUse = Code(name: "address_in_use")

        /// Lets `catch ConfigurationError.Code.exposed` name what is caught.
        package static func ~= (code: Code, error: any Error) -> Bool {
            (error as? ConfigurationError)?.code == code
        }
    }

    /// What kind of mistake it is.
    package var code: Code

    /// Where it was made; `nil` where no one place is to blame.
    package var source: SettingSource?

    /// One sentence: what is wrong, what was expected, what to do.
    package var message: String

    /// Describes a mistake.
    package init(_ code: Code, at source: SettingSource? = nil, _ message: String) {
        self.code = code
        self.source = source
        self.message = message
    }

    /// The message, behind the place where there is one.
    package var description: String { source.map { "\($0): \(message)" } ?? message }
}
