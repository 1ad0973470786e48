import CorralPlanner
import Foundation

/// What a saved conversation belongs to: all of it must agree before the conversation is used.
struct StateHeader: Codable, Hashable, Sendable {
    static let currentVersion = 1

    /// The version of this header.
    var version = Self.currentVersion
    /// The model's file: its bytes and time.
    var model: String
    /// The options that decide what a state looks like.
    var options: String
    /// The llama.cpp that wrote it.
    var library: String
    /// The tokens of the conversation.
    var tokens: Int

    init(_ plan: LlamaPlan, tokens: Int) {
        model = plan.fileIdentity
        let context = plan.load.context
        options =
            "k=\(context.keyCacheType) v=\(context.valueCacheType)"
            + " fa=\(plan.memory.flashAttention) swa=\(context.fullWindowCache)"
        library = Library.version
        self.tokens = tokens
    }

    /// Why a conversation with this header cannot be used by a model that would write `other`; `nil`
    /// where it can.
    func mismatch(with other: StateHeader) -> String? {
        if version != other.version {
            return "it has version \(version), and this is version \(other.version)"
        }
        if model != other.model { return "it belongs to another model file" }
        if options != other.options {
            return "it was saved with the options \(options), and the model has \(other.options)"
        }
        if library != other.library {
            return "it was saved by llama.cpp \(library), and this is \(other.library)"
        }
        return nil
    }
}
