import CorralCache
import CorralGGUF
import CorralPlanner

/// A model's file, as far as its header says.
struct LlamaFile: Sendable {
    var paths: [String]
    var description: ModelDescription
    /// The file's content, as far as size, time and header tell, wherever it is.
    var identity: String

    /// Reads a header.
    ///
    /// - Throws: ``LlamaError`` where the file is damaged, or no model.
    init(path: String) throws(LlamaError) {
        let file: GGUFFile
        do {
            file = try GGUFFile(path: path)
        } catch {
            throw LlamaError(.corruptFile, "\(path) is no GGUF file that can be loaded: \(error)")
        }
        for shard in file.shards {
            let begin = shard.header.dataOffset
            let end = shard.header.tensors.map { begin &+ $0.offset &+ $0.byteCount }.max() ?? 0
            guard end <= shard.identity.byteCount else {
                throw LlamaError(
                    .corruptFile,
                    "\(shard.path) ends after \(shard.identity.byteCount) bytes, and its tensors need \(end); fetch the file again."
                )
            }
        }
        do {
            description = try ModelDescription(file)
        } catch {
            throw LlamaError(.unsupportedModel, "\(path) cannot be loaded as a model: \(error)")
        }
        paths = file.paths
        identity = file.identity.map {
            "\($0.byteCount):\($0.modifiedSeconds).\($0.modifiedNanoseconds)"
        }.joined(separator: "+")
    }

    /// Checks that the model can play a role: llama.cpp would end the process, or answer nonsense.
    ///
    /// - Throws: ``LlamaError/Code/wrongRole``.
    func check(_ role: ModelRole, path: String) throws(LlamaError) {
        let what: String
        switch (role, description.role) {
        case (.chat, .chat), (.embed, .chat), (.embed, .embed), (.rerank, .rerank): return
        case (.chat, .embed): what = "an embedding model, which cannot chat; load it as .embed"
        case (_, .rerank): what = "a reranker; load it as .rerank"
        case (.rerank, _): what = "no reranker: it has no classifier head that scores"
        }
        throw LlamaError(.wrongRole, "\(path) is \(what).")
    }
}
