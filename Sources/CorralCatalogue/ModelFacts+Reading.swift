internal import CorralCache
package import CorralGGUF
internal import CorralMemory
internal import CorralPlanner

extension ModelFacts {
    /// Takes the facts from a file's header.
    ///
    /// - Parameter file: The file; of a split model all parts.
    /// - Throws: Where the file is a model that llama.cpp could not load.
    package init(_ file: GGUFFile) throws {
        try self.init(
            shards: file.shards.map(\.header),
            fileBytes: ByteCount(clamping: file.fileBytes)
        )
    }

    /// Takes the facts from the headers of all parts.
    init(shards: [GGUFHeader], fileBytes: ByteCount) throws {
        let metadata = shards.first?.metadata ?? GGUFMetadata()
        let hasTensors = shards.contains { !$0.tensors.isEmpty }
        let kind = Self.kind(metadata, hasTensors: hasTensors)
        guard kind == .model else {
            self.init(helper: kind, metadata)
            return
        }
        guard let model = try Self.description(shards, fileBytes) else {
            self.init(helper: .helper("a part of another model"), metadata)
            return
        }
        self.init(
            architecture: model.architecture,
            title: model.name,
            quantization: model.quantization,
            trainingContext: model.trainingContext > 0 ? model.trainingContext : nil,
            parameterCount: model.parameterCount,
            embeddingWidth: model.embeddingLength,
            role: model.role,
            abilities: Self.abilities(metadata)
        )
    }

    /// The abilities that the chat template and the vocabulary tell of.
    ///
    /// The keys are those of llama.cpp's `gguf-py`; a template that never says `tools` has no
    /// place for them.
    private static func abilities(_ metadata: GGUFMetadata) -> Set<String> {
        var abilities: Set<String> = []
        let template = metadata.string("tokenizer.chat_template") ?? ""
        if template.contains("tools") { abilities.insert("tools") }
        if template.contains("enable_thinking") || template.contains("<think>") {
            abilities.insert("thinking")
        }
        let middle = ["tokenizer.ggml.fim_mid_token_id", "tokenizer.ggml.middle_token_id"]
        if middle.contains(where: { metadata.unsigned($0) != nil }) { abilities.insert("insert") }
        return abilities
    }

    /// The model in the file; `nil` where llama.cpp loads the file only beside a model.
    private static func description(
        _ shards: [GGUFHeader],
        _ fileBytes: ByteCount
    ) throws(PlanError) -> ModelDescription? {
        do throws(PlanError) {
            return try ModelDescription(shards: shards, fileBytes: fileBytes)
        } catch {
            guard error.code == .notAModel else { throw error }
            return nil
        }
    }

    private init(helper kind: Kind, _ metadata: GGUFMetadata) {
        let widths = ["clip.vision.projection_dim", "clip.audio.projection_dim"]
        let width = widths.lazy.compactMap { metadata.unsigned($0) }.first
        self.init(
            kind: kind,
            architecture: metadata.string("general.architecture") ?? "",
            title: metadata.string("general.name"),
            embeddingWidth: width.flatMap { Int(exactly: $0) }
        )
    }

    /// The values of `general.type` are those of llama.cpp's `gguf-py` (`GGUFType`); files older
    /// than that key are told by their architecture.
    private static func kind(_ metadata: GGUFMetadata, hasTensors: Bool) -> Kind {
        switch metadata.string("general.type") {
        case "mmproj": return .projector
        case "adapter": return .helper("an adapter")
        case "imatrix": return .helper("an importance matrix")
        default: break
        }
        switch metadata.string("general.architecture") {
        case "clip": return .projector
        case "controlvector": return .helper("a control vector")
        case _ where !hasTensors: return .helper("a vocabulary without weights")
        default: return .model
        }
    }
}
