import Foundation

/// A query and a document as a reranker reads them: in the file's own template where it has one,
/// else side by side with the special tokens between that the vocabulary asks for.
struct RerankPrompt {
    private let weights: Weights
    private let template: String?
    private let special: Weights.PairTokens

    init(_ weights: Weights) {
        self.weights = weights
        template = weights.template("rerank")
        special = weights.pairTokens
    }

    func tokens(_ query: String, _ document: String) -> [Token] {
        if let template {
            let text = Self.filled(template, query: query, document: document)
            return weights.tokens(text, addsSpecial: false, parsesSpecial: true)
        }
        let first = weights.tokens(query, addsSpecial: false, parsesSpecial: false)
        let second = weights.tokens(document, addsSpecial: false, parsesSpecial: false)
        return Self.pair(first, second, special)
    }

    static func pair(
        _ first: [Token],
        _ second: [Token],
        _ special: Weights.PairTokens
    ) -> [Token] {
        let end = special.end.map { [$0] } ?? []
        let begin = special.begin.map { [$0] } ?? []
        return begin + first + end + (special.separator.map { [$0] } ?? []) + second + end
    }

    /// Fills `{query}` and `{document}`, what is filled in being left as it is.
    static func filled(_ template: String, query: String, document: String) -> String {
        template.components(separatedBy: "{query}").map {
            $0.replacingOccurrences(of: "{document}", with: document)
        }.joined(separator: query)
    }
}
