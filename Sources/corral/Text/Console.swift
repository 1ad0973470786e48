import CorralDaemon
import Foundation

/// The terminal, or the files, that a command writes to.
struct Console: Sendable {
    /// Writes a text to standard output, unchanged.
    var write: @Sendable (String) -> Void
    /// Writes a text to standard error, unchanged.
    var writeError: @Sendable (String) -> Void
    /// The columns of the terminal; `nil` where output goes elsewhere and may be as wide as it is.
    var width: Int?
    /// Whether to print in colour.
    var isColored: Bool

    /// Writes a line to standard output.
    func print(_ line: String = "") { write(line + "\n") }

    /// Writes a line to standard error.
    func note(_ line: String) { writeError(line + "\n") }

    /// Writes a value as programs read it.
    ///
    /// - Throws: What encoding throws.
    func print(json value: some Encodable) throws {
        print(String(decoding: try JSONEncoder.corral.encode(value), as: UTF8.self))
    }

    /// `text` in a style, where colours are wanted.
    func styled(_ text: String, _ style: Style) -> String {
        isColored ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// How text can be set off (ECMA-48, Select Graphic Rendition).
    enum Style: Int {
        case bold = 1
        case dim = 2
        case red = 31
        case green = 32
        case yellow = 33
    }
}

extension Console {
    /// The terminal, or whatever the output goes to.
    static func live(_ environment: UserEnvironment = .current) -> Console {
        let width = Terminal.width(environment)
        let isDumb = environment["TERM"] == "dumb"
        return Console(
            write: { FileHandle.standardOutput.write(Data($0.utf8)) },
            writeError: { FileHandle.standardError.write(Data($0.utf8)) },
            width: width,
            // https://no-color.org: any value but an empty one turns colours off.
            isColored: width != nil && environment["NO_COLOR"] == nil && !isDumb
        )
    }
}
