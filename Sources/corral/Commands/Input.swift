import Foundation

/// Standard input, as commands read it.
enum Input {
    /// The texts that were given, or else the lines of standard input.
    ///
    /// - Throws: ``CommandFailure`` where there are none.
    static func texts(_ given: [String], what: String) throws -> [String] {
        guard given.isEmpty else { return given }
        guard !Terminal.isInputInteractive else {
            throw CommandFailure(.usage, "There are no \(what): write them behind the command.")
        }
        let lines = everything().split(whereSeparator: \.isNewline).map(String.init)
        guard !lines.isEmpty else {
            throw CommandFailure(.usage, "There are no \(what): standard input is empty.")
        }
        return lines
    }

    /// The whole of standard input as text.
    static func everything() -> String {
        let data = (try? FileHandle.standardInput.readToEnd()) ?? nil
        return String(decoding: data ?? Data(), as: UTF8.self)
    }
}
