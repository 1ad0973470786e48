/// Tells from how a llama-server ended, and from its last lines, what was the matter.
///
/// The texts are llama.cpp's own (b11434); one that is not known yields
/// ``LlamaServerError/Code/loadFailed`` with the lines themselves.
struct FailureDiagnosis: Equatable, Sendable {
    var code: LlamaServerError.Code
    /// The line that says why, without its time and level.
    var cause: String?

    private static let signs: [(LlamaServerError.Code, [String])] = [
        (
            .outOfMemory,
            [
                "out of memory", "failed to allocate", "unable to allocate", "bad_alloc",
                "cannot allocate memory", "insufficient memory", "cudamalloc failed",
            ]
        ),
        (
            .unsupportedModel,
            [
                "unknown model architecture", "unknown pre-tokenizer", "unsupported model",
                "unknown tokenizer", "is not supported by this model",
                "does not support embeddings", "does not support reranking",
            ]
        ),
        (
            .corruptFile,
            [
                "invalid magic", "corrupted or incomplete", "within the file bounds",
                "wrong number of tensors", "missing tensor", "failed to open gguf",
                "key not found in model", "gguf_init_from_file: failed", "has wrong shape",
                "failed to read tensor", "no such file or directory",
            ]
        ),
        (
            .badArgument,
            [
                "invalid argument", "error while handling argument", "requires flash_attn",
                "to show complete usage", "unsupported cache type", "expected value for argument",
            ]
        ),
    ]

    /// Reads a failure.
    ///
    /// - Parameters:
    ///   - lines: The last lines, the oldest first: the first that is understood is the
    ///     cause, later ones are its consequences.
    ///   - end: How the process ended.
    init(lines: [String], end: ChildEnd) {
        for line in lines where Self.level(of: line) != "I" {
            let text = line.lowercased()
            for (code, texts) in Self.signs where texts.contains(where: text.contains) {
                self.code = code
                cause = Self.content(of: line)
                return
            }
        }
        // Nobody but the kernel kills a process that nobody told to end.
        if case .signal(9) = end.how, !end.wasAsked {
            code = .outOfMemory
            cause = "killed by signal 9, as the kernel does when memory runs out"
            return
        }
        code = .loadFailed
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
        switch code {
        case .outOfMemory:
            return what + " Ask for a smaller context or a quantized KV cache, or free memory."
        case .unsupportedModel:
            return what + " This build of llama.cpp does not run such models; install a newer one."
        case .corruptFile: return what + " Fetch the file again."
        case .badArgument: return what + " Change the model's options."
        default: return what
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
