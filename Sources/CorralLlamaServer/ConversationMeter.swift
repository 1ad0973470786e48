import CorralCache

/// Reads from a llama-server's log what its conversations hold and how fast it reads prompts.
///
/// The lines are llama.cpp's own (b11434, `server_slot::release` and `print_timings`):
///
///     slot print_timing: id  3 | task 0 | prompt eval time = 639.80 ms /    37 tokens (…
///     slot      release: id  3 | task 0 | stop processing: n_tokens = 44, truncated = 0
///
/// Where they read otherwise one day, nothing is known, and conversations count for nothing.
struct ConversationMeter: Sendable {
    /// The tokens in the KV cache of each slot.
    private var tokens: [Int: Int] = [:]
    /// Prompt tokens computed and the seconds that took, both fading.
    private var computed = 0.0
    private var seconds = 0.0

    /// Of what was seen before, this share counts beside a new prompt.
    private static let memory = 0.8
    /// What shorter prompts take says more about starting than about speed.
    private static let shortest = 16.0

    /// What an unload would lose.
    var state: ConversationState {
        ConversationState(
            tokens: tokens.values.reduce(0, +),
            tokensPerSecond: seconds > 0 && computed > 0 ? computed / seconds : nil
        )
    }

    /// Takes a line of the log.
    mutating func read(_ line: String) {
        // Nearly all lines are about something else.
        guard line.utf8.contains(UInt8(ascii: "|")), let slot = Self.slot(line) else { return }
        if let held = Self.number(after: "n_tokens =", in: line), line.contains("release:") {
            tokens[slot] = Int(held)
        } else if let milliseconds = Self.number(after: "prompt eval time =", in: line),
            let count = Self.number(after: "ms /", in: line)
        {
            guard count >= Self.shortest, milliseconds > 0 else { return }
            computed = computed * Self.memory + count
            seconds = seconds * Self.memory + milliseconds / 1000
        }
    }

    private static func slot(_ line: String) -> Int? {
        guard line.contains("slot "), let id = number(after: ": id", in: line), id >= 0, id < 1024
        else { return nil }
        return Int(id)
    }

    /// The number that follows some words, finite and of a size that is no mistake.
    private static func number(after words: String, in line: String) -> Double? {
        guard let range = line.firstRange(of: words) else { return nil }
        let text = line[range.upperBound...].drop { $0 == " " }
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = Double(digits), number.isFinite, number < 1e12 else { return nil }
        return number
    }
}
