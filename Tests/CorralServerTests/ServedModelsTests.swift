import CorralCache
import CorralDialects
import Testing

@testable import CorralServer

/// How names lead to models.
@Suite struct ServedModelsTests {
    private static func entry(
        _ name: String,
        _ aliases: [String] = [],
        role: ModelRole = .chat
    ) -> ServedEntry {
        ServedEntry(name: name, aliases: aliases, id: ModelID(path: "/\(name)", role: role))
    }

    private func name(_ asked: String, _ entries: [ServedEntry]) -> String? {
        try? ServedModels(entries).entry(named: asked, role: nil).name
    }

    @Test func `a name is taken letter for letter before its case is ignored`() {
        let entries = [Self.entry("Qwen"), Self.entry("qwen")]
        #expect(name("qwen", entries) == "qwen")
        #expect(name("Qwen", entries) == "Qwen")
        #expect(name("qwen:latest", entries) == "qwen")
    }

    @Test func `a name goes before another model's alias`() {
        let entries = [Self.entry("first", ["second"]), Self.entry("second")]
        #expect(name("second", entries) == "second")
        #expect(name("SECOND", entries) == "second")
    }

    @Test func `an alias of several models is refused with their names`() {
        let models = ServedModels([Self.entry("a", ["llama"]), Self.entry("b", ["llama"])])
        let error = #expect(throws: RequestError.self) {
            try models.entry(named: "llama", role: nil)
        }
        #expect(error?.code == .modelNotFound)
        #expect(error?.message == "There is no model 'llama'. Did you mean 'a' or 'b'?")
    }

    @Test func `a directory may say which spellings mean the same`() throws {
        let models = ServedModels([Self.entry("Qwen-3")]) {
            $0.lowercased().replacing(".gguf", with: "")
        }
        #expect(try models.entry(named: "qwen-3.gguf", role: nil).name == "Qwen-3")
    }

    @Test func `a model that plays another role is refused with the roles it plays`() {
        let models = ServedModels([Self.entry("e", role: .embed)])
        let error = #expect(throws: RequestError.self) {
            try models.entry(named: "e", role: .rerank)
        }
        #expect(error?.code == .wrongRole && error?.parameter == "model")
        #expect(error?.message.contains("is served for") == true, "\(error?.message ?? "")")
    }

    @Test func `without a name the only model of a role answers`() throws {
        let models = ServedModels([Self.entry("a"), Self.entry("b"), Self.entry("e", role: .embed)])
        #expect(try models.entry(named: nil, role: .embed).name == "e")
        let error = #expect(throws: RequestError.self) { try models.entry(named: "", role: .chat) }
        #expect(error?.code == .modelNotNamed)
        #expect(error?.message.hasSuffix("'a' or 'b'.") == true)
    }
}
