/// What a resident model is asked to do; llama.cpp creates a different context
/// for each, so one file in two roles is two residents.
public enum ModelRole: String, CaseIterable, Codable, Hashable, Sendable {
    /// Generates text.
    case chat
    /// Turns texts into vectors.
    case embed
    /// Scores documents against a query.
    case rerank
}

extension ModelRole: Comparable {
    /// Orders chat, embed, rerank.
    public static func < (lhs: ModelRole, rhs: ModelRole) -> Bool {
        lhs.order < rhs.order
    }

    private var order: Int {
        switch self {
        case .chat: 0
        case .embed: 1
        case .rerank: 2
        }
    }
}

extension ModelRole: CustomStringConvertible {
    /// `chat`, `embed` or `rerank`.
    public var description: String { rawValue }
}
