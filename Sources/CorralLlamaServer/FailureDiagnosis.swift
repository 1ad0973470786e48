import CorralPlanner

/// Tells from how a llama-server ended, and from its last lines, what was the matter.
///
/// The texts are llama.cpp's own (b11434); one that is not known yields
/// ``LlamaServerError/Code/loadFailed`` with the lines themselves.
struct FailureDiagnosis: Equatable, Sendable {
    /// What llama.cpp's words mean, where they are known.
    private(set) var problem: LlamaProblem?
    /// The line that says why, without its time and level.
    var cause: String?

    /// Reads a failure.
    ///
    /// - Parameters:
    ///   - lines: The last lines, the oldest first: the first that is understood is the
    ///     cause, later ones are its consequences.
    ///   - end: How the process ended.
    init(lines: [String], end: ChildEnd) {
        for line in lines where Self.level(of: line) != "I" {
            guard let problem = LlamaProblem(in: line) else { continue }
            self.problem = problem
            cause = Self.content(of: line)
            return
        }
        // Nobody but the kernel kills a process that nobody told to end.
        if case .signal(9) = end.how, !end.wasAsked {
            problem = .outOfMemory
            cause = "killed by signal 9, as the kernel does when memory runs out"
            return
        }
        cause =
            lines.last { Self.level(of: $0) == "E" }.map(Self.content)
            ?? lines.last.map(Self.content)
    }

    /// Why a process ended that had been in use: what it wrote long before does not count.
    static func exit(_ end: ChildEnd, lines: [String]) -> String {
        let cause = FailureDiagnosis(lines: lines.suffix(5), end: end).cause
        return "\(end)" + (cause.map { ": \($0)" } ?? "")
    }

    /// A sentence on a failed load.
    func message(loading path: String, end: ChildEnd) -> String {
        let why = cause.map { ": \($0)" } ?? " and wrote nothing"
        let what = "llama-server could not load \(path); it \(end)\(why)."
        return problem.map { what + " " + $0.advice } ?? what
    }

    /// The kind of failure.
    var code: LlamaServerError.Code {
        switch problem {
        case .outOfMemory: .outOfMemory
        case .unsupportedModel: .unsupportedModel
        case .corruptFile: .corruptFile
        case .badArgument: .badArgument
        case nil: .loadFailed
        }
    }

    /// The level letter of a line such as `0.00.036.343 E llama_model_load: error …`.
    static func level(of line: String) -> Character? {
        let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
        guard words.count > 1, words[0].first?.isNumber == true, words[0].contains("."),
            words[1].count == 1
        else { return nil }
        return words[1].first
    }

    /// The line without its time and level.
    static func content(of line: String) -> String {
        guard level(of: line) != nil else { return line }
        let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
        return words.count > 2 ? String(words[2].drop { $0 == " " }) : line
    }
}
