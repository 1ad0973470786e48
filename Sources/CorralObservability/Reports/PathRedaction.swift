/// Takes this machine's paths out of sentences meant for clients.
package struct PathRedaction: Sendable {
    /// The names of models by the paths of their files, the longest path first,
    /// so that no path hides inside another.
    private let names: [(path: String, name: String)]

    private let isRoute: @Sendable (String) -> Bool

    /// Creates a redaction.
    ///
    /// - Parameters:
    ///   - names: The paths of the models' files, and the names to put in their place.
    ///   - isRoute: Whether a path is one of the server's, which stays as it is.
    package init(
        _ names: [(path: String, name: String)],
        isRoute: @escaping @Sendable (String) -> Bool
    ) {
        self.isRoute = isRoute
        self.names = names.filter { !$0.path.isEmpty }
            .sorted { ($0.path.utf8.count, $1.path) > ($1.path.utf8.count, $0.path) }
    }

    /// Puts a model's name in place of its path, and the last part of any other
    /// absolute path in place of the whole.
    package func redact(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "/")) else { return text }
        var result = text
        for (path, name) in names where result.contains(path) {
            result = Self.replace(path, with: name, in: result)
        }
        return shortenPaths(result)
    }

    private static func replace(_ path: String, with name: String, in text: String) -> String {
        var result = ""
        var rest = text[...]
        while let range = rest.firstRange(of: path) {
            result += rest[..<range.lowerBound]
            result += name
            rest = rest[range.upperBound...]
        }
        return result + rest
    }

    /// Shortens words that begin with a slash, but for the routes of this server.
    private func shortenPaths(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        var isAtStart = true
        while let character = rest.first {
            let word = rest.prefix { !Self.isBoundary($0) }
            if isAtStart, character == "/", word.count > 1 {
                let trailing = word.reversed().prefix { ".,;:".contains($0) }.count
                let path = word.dropLast(trailing)
                let staysWhole = isRoute(String(path))
                let last = path.split(separator: "/").last.map(String.init) ?? ""
                result += staysWhole ? String(path) : last
                result += word.suffix(trailing)
                rest = rest[word.endIndex...]
                isAtStart = false
            } else {
                result.append(character)
                isAtStart = Self.isBoundary(character)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private static func isBoundary(_ character: Character) -> Bool {
        character.isWhitespace || "'\"`()[]{}<>=,|".contains(character)
    }
}
