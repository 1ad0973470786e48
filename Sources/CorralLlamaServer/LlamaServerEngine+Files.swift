public import CorralCache

/// What the cache asks about a model's file, and about what it would lose.
extension LlamaServerEngine {
    /// Tells what a chat model's slots hold, and how fast it reads prompts.
    public func conversation(of model: LlamaServerModel) -> ConversationState {
        model.id.role == .chat ? model.child.conversation : ConversationState()
    }

    /// Tells where a model's files are and how much of them is in the page cache.
    public func storage(of model: ModelID) async -> ModelStorage {
        files.storage(ModelFileAccess.files(of: model.path))
    }

    /// Reads a model's files into the page cache, unless most of them are there.
    public func readAhead(_ model: ModelID, plan: LlamaServerPlan) async -> Bool {
        let paths = ModelFileAccess.files(of: model.path)
        guard !files.storage(paths).isCached else { return false }
        return await files.readAhead(paths)
    }
}
