import CorralGGUF
import CorralMemory
import CorralTesting
import Foundation
import Testing

@testable import CorralCatalogue

struct DiskFoldersTests {
    private func folder() throws -> URL {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("corral-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    @Test func `models on a real disk are found, through links too`() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var builder = GGUFBuilder()
        builder.set("general.architecture", "llama")
        for (key, value): (String, UInt32) in [
            ("block_count", 2), ("context_length", 8192), ("embedding_length", 64),
            ("feed_forward_length", 128), ("attention.head_count", 4), ("vocab_size", 3),
        ] {
            builder.set("llama.\(key)", .uint32(value))
        }
        builder.addTensor("token_embd.weight", .init(rawValue: 0), [64, 3])
        let store = folder.appendingPathComponent("store")
        let models = folder.appendingPathComponent("models")
        for url in [store, models] {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        }
        try Data(builder.file()).write(to: store.appendingPathComponent("Tiny-F32.gguf"))
        try Data("garbage".utf8).write(to: models.appendingPathComponent("bad.gguf"))
        try FileManager.default.createSymbolicLink(
            at: models.appendingPathComponent("linked"),
            withDestinationURL: store
        )
        let catalogue = ModelCatalogue(folders: [models.path])
        let listing = catalogue.search()
        #expect(listing.entries.map(\.name) == ["tiny"])
        #expect(listing.entries.first?.fileBytes.rawValue == Int64(builder.file().count))
        #expect(listing.unusable.map { FolderScan.name($0.path) } == ["bad.gguf"])
    }

    @Test func `a folder that is not there cannot be read`() {
        let error = #expect(throws: CatalogueError.self) {
            try DiskFolders().names(in: "/no/such/folder")
        }
        #expect(error?.code == .unreadableFolder)
        #expect(DiskFolders().item(at: "/no/such/folder") == nil)
    }
}
