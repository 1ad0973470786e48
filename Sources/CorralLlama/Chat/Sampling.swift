/// How each next token is chosen.
///
/// The defaults are llama-server's (llama.cpp b11434, `common_params_sampling`).
public struct Sampling: Hashable, Sendable {
    /// The temperature: how evenly tokens are chosen; 0 always takes the likeliest.
    public var temperature: Float = 0.8

    /// How many of the likeliest tokens are looked at; 0 for all.
    public var topK = 40

    /// The probability that the tokens looked at have together; 1 for all.
    public var topP: Float = 0.95

    /// The probability a token needs at least, as a share of the likeliest's; 0 for none.
    public var minP: Float = 0.05

    /// What the logit of a token is divided by that is among the last ``penaltyWindow``; 1 for no
    /// penalty.
    public var repeatPenalty: Float = 1

    /// What the logit of a token loses for each time it is among the last ``penaltyWindow``.
    public var frequencyPenalty: Float = 0

    /// What the logit of a token loses for being among the last ``penaltyWindow`` at all.
    public var presencePenalty: Float = 0

    /// How many of the last tokens, of the prompt and the answer, the penalties look at; 0 for no
    /// penalties.
    public var penaltyWindow = 64

    /// The seed of the random numbers: the same gives the same answer to the same text; `nil` for a
    /// new one each time.
    public var seed: UInt32?

    /// A grammar in GBNF that the answer follows, its rule `root`; `nil` for none.
    public var grammar: String?

    /// Creates llama-server's defaults.
    public init() {}

    /// Always the likeliest token.
    public static let greedy: Sampling = {
        var sampling = Sampling()
        sampling.temperature = 0
        return sampling
    }()

    /// Whether any penalty has an effect.
    var hasPenalties: Bool {
        penaltyWindow > 0
            && (repeatPenalty != 1 || frequencyPenalty != 0 || presencePenalty != 0)
    }

    /// Why the numbers make no sense, as a refusal; `nil` where they do.
    var validationError: LlamaError? {
        invalidity.map { LlamaError(.badArgument, "\($0).") }
    }

    private var invalidity: String? {
        if !(temperature >= 0 && temperature.isFinite) { return "temperature must be 0 or more" }
        if !(topP > 0 && topP <= 1) { return "topP must be above 0 and at most 1" }
        if !(minP >= 0 && minP <= 1) { return "minP must be from 0 to 1" }
        if !(repeatPenalty > 0 && repeatPenalty.isFinite) { return "repeatPenalty must be above 0" }
        if !frequencyPenalty.isFinite || !presencePenalty.isFinite {
            return "penalties must be finite"
        }
        if topK < 0 || penaltyWindow < 0 { return "topK and penaltyWindow must be 0 or more" }
        return nil
    }
}
