/// What a message of llama.cpp says is wrong with a load (b11434).
package enum LlamaProblem: CaseIterable, Hashable, Sendable {
    /// Memory does not suffice, on the host or a device.
    case outOfMemory
    /// The file is well formed, but this llama.cpp cannot run such a model.
    case unsupportedModel
    /// The file is damaged, incomplete, missing, or not GGUF.
    case corruptFile
    /// An option makes no sense, or not for this model.
    case badArgument

    /// Reads a message.
    ///
    /// - Returns: `nil` where the words are not known.
    package init?(in message: String) {
        let text = message.lowercased()
        guard
            let problem = Self.allCases.first(where: { $0.words.contains(where: text.contains) })
        else { return nil }
        self = problem
    }

    /// What to do about it, in one sentence.
    package var advice: String {
        switch self {
        case .outOfMemory: "Ask for a smaller context or a quantized KV cache, or free memory."
        case .unsupportedModel:
            "This build of llama.cpp does not run such models; install a newer one."
        case .corruptFile: "Fetch the file again."
        case .badArgument: "Change the model's options."
        }
    }

    /// Words that a message about the problem holds, in lower case.
    private var words: [String] {
        switch self {
        case .outOfMemory:
            [
                "out of memory", "failed to allocate", "unable to allocate", "bad_alloc",
                "cannot allocate memory", "insufficient memory", "cudamalloc failed",
            ]
        case .unsupportedModel:
            [
                "unknown model architecture", "unknown pre-tokenizer", "unknown tokenizer",
                "unsupported model", "is not supported by this model",
                "does not support embeddings", "does not support reranking",
            ]
        case .corruptFile:
            [
                "invalid magic", "corrupted or incomplete", "within the file bounds",
                "wrong number of tensors", "missing tensor", "failed to open gguf",
                "key not found in model", "gguf_init_from_file: failed", "has wrong shape",
                "failed to read tensor", "failed to read magic", "failed to read header",
                "failed to read key", "no such file or directory",
            ]
        case .badArgument:
            [
                "invalid argument", "error while handling argument", "requires flash_attn",
                "requires flash attention", "does not divide", "to show complete usage",
                "unsupported cache type", "expected value for argument",
            ]
        }
    }
}

extension LlamaProblem {
    /// A sentence for people, and under it the last lines of a log.
    ///
    /// - Parameters:
    ///   - message: The sentence.
    ///   - lines: The lines, the oldest first; the sentence stands alone where there are none.
    ///   - heading: What the lines are, such as `llama.cpp said`.
    /// - Returns: The text.
    package static func text(_ message: String, lines: [String], heading: String) -> String {
        guard !lines.isEmpty else { return message }
        return message + " \(heading):\n"
            + lines.suffix(8).map { "  \($0)" }.joined(separator: "\n")
    }
}
