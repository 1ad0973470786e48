/// The name of one part of a split model: `prefix-00001-of-00003.gguf`.
///
/// The form is llama.cpp's (`llama_split_path`: `%s-%05d-of-%05d.gguf`).
public struct GGUFSplitName: Hashable, Sendable {
    /// The path before the numbers.
    public var prefix: String
    /// Which part this is; the first is 1.
    public var number: Int
    /// How many parts there are.
    public var count: Int

    /// Takes a path apart.
    ///
    /// - Returns: `nil` where `path` does not end in a part's numbers, or they make no sense.
    public init?(path: String) {
        let match = path.split(separator: "-", omittingEmptySubsequences: false)
        guard match.count >= 4, match[match.count - 2] == "of",
            let count = Self.number(match[match.count - 1], suffix: ".gguf"),
            let number = Self.number(match[match.count - 3], suffix: ""),
            number >= 1, number <= count
        else { return nil }
        prefix = match.dropLast(3).joined(separator: "-")
        guard !prefix.isEmpty, prefix.last != "/" else { return nil }
        self.number = number
        self.count = count
    }

    /// The path of another part.
    ///
    /// - Parameter number: Which part; the first is 1.
    /// - Returns: The path with the same prefix and count.
    public func path(ofPart number: Int) -> String {
        "\(prefix)-\(Self.padded(number))-of-\(Self.padded(count)).gguf"
    }

    private static func number(_ text: Substring, suffix: String) -> Int? {
        guard text.hasSuffix(suffix) else { return nil }
        let digits = text.dropLast(suffix.count)
        guard digits.utf8.count >= 5, digits.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        return Int(digits)
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}
