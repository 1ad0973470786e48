import CorralGGUF
import Foundation
import Testing

/// The headers of real and generated models, where the shared folder has them.
private enum Fixtures {
    static let archive: URL? = {
        let environment = ProcessInfo.processInfo.environment["CORRAL_SHARED"]
        let checkout = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let shared =
            environment.map { URL(fileURLWithPath: $0) }
            ?? checkout.deletingLastPathComponent().appendingPathComponent("shared")
        let archive = shared.appendingPathComponent("gguf-fixtures/headers.tar.gz")
        return FileManager.default.fileExists(atPath: archive.path) ? archive : nil
    }()

    static let isContinuousIntegration = ProcessInfo.processInfo.environment["CI"] == "true"
}

@Suite(
    .enabled(
        if: Fixtures.archive != nil || Fixtures.isContinuousIntegration,
        "gguf-fixtures/headers.tar.gz is not in CORRAL_SHARED or beside the checkout"
    )
)
struct FixtureTests {
    private struct Truth: Decodable {
        let file_bytes: [String: UInt64]
    }

    private let folder: TemporaryFolder
    private let sizes: [String: UInt64]

    init() throws {
        folder = try TemporaryFolder()
        let archive = try #require(Fixtures.archive, "CI has no gguf-fixtures")
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = ["tar", "xzf", archive.path, "-C", folder.url.path]
        try tar.run()
        tar.waitUntilExit()
        try #require(tar.terminationStatus == 0)
        let truth = archive.deletingLastPathComponent().appendingPathComponent("truth.json")
        sizes = try JSONDecoder().decode(Truth.self, from: Data(contentsOf: truth)).file_bytes
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
            .filter { $0.hasSuffix(".gguf") }.sorted()
    }

    @Test func `all 111 headers are read and their tensors fill the file`() throws {
        let names = try names()
        #expect(names.count == 111)
        for name in names {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.path(name))))
            let size = try #require(sizes[name])
            let header = try GGUFHeader(parsing: bytes.span, fileSize: size)
            #expect(header.metadata.string("general.architecture") != nil, "\(name)")
            let end = header.tensors.map { $0.offset + $0.byteCount }.max() ?? 0
            let rest = Int64(size) - Int64(header.dataOffset + end)
            #expect((0..<Int64(header.alignment)).contains(rest), "\(name)")
        }
    }

    @Test func `a header grown to its file's size opens as that file`() throws {
        let name = try #require(names().first { $0.hasPrefix("shape-") })
        let size = try #require(sizes[name])
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder.path(name)))
        try file.truncate(atOffset: size)
        let model = try GGUFFile(path: folder.path(name))
        #expect(model.fileBytes == size)
    }

    @Test func `mutated headers are read or refused`() throws {
        var refused = 0
        for (index, name) in try names().enumerated() {
            let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.path(name))))
            for seed in 0..<8 as Range<UInt64> {
                var random = SeededGenerator(seed: UInt64(index) << 32 | seed)
                let mutation = Mutation.random(using: &random)
                let bytes = mutation.applied(to: original, using: &random)
                if let error = failure(bytes, fileSize: sizes[name]) {
                    refused += 1
                    #expect(error.byteOffset <= UInt64(bytes.count), "\(name), seed \(seed)")
                }
            }
        }
        #expect(refused > 100)
    }
}
