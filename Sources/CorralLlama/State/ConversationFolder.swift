import CorralCache
import Foundation
import Logging

/// The conversations of one model that are saved when it is unloaded.
struct ConversationFolder: Sendable {
    /// Conversations shorter than this are computed again as fast.
    static let leastTokens = 64

    private let folder: String
    private let prefix: String
    private let logger: Logger?

    init(_ folder: String, _ plan: LlamaPlan, _ logger: Logger?) {
        self.folder = folder
        self.logger = logger
        var sum = Checksum()
        let header = StateHeader(plan, tokens: 0)
        sum.add(Data("\(plan.model.path)|\(header.model)|\(header.options)".utf8))
        prefix = String(sum.value, radix: 16) + "-"
    }

    /// The files saved last time, the latest used first.
    func saved(upTo count: Int) -> [String] {
        (0..<count).map(path).filter { FileManager.default.fileExists(atPath: $0) }
    }

    /// Saves conversations in place of those saved before, the latest used first.
    func replace(
        _ conversations: [(slot: Int, tokens: [Token])],
        _ save: (Int, [Token], String) throws -> Void
    ) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            for name in names where name.hasPrefix(prefix) {
                try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
            }
            let kept = conversations.filter { $0.tokens.count >= Self.leastTokens }
            for (index, conversation) in kept.enumerated() {
                try save(conversation.slot, conversation.tokens, path(index))
            }
        } catch {
            logger?.warning("conversations were not saved", metadata: ["error": "\(error)"])
        }
    }

    private func path(_ index: Int) -> String { "\(folder)/\(prefix)\(index).kv" }
}
