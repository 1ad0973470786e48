import CorralGGUF
import CorralMemory
import CorralPlanner
import Foundation
import Testing

/// The headers of real and tiny models, and what llama.cpp said each of them takes.
struct Fixtures: Sendable {
    struct Configuration: Decodable, Sendable {
        let c: Int
        let b: Int
        let ub: Int
        let np: Int
        let kvu: Int
        let fa: String
        let ctk: String
        let ctv: String
        let no: Int
        let emb: Int?
    }

    struct Cell: Decodable, Sendable {
        struct Buffer: Decodable, Sendable {
            let model: Int64
            let context: Int64
            let compute: Int64
        }
        let error: String?
        let buffers: [String: Buffer]?
        let fa: Int?
        let n_ctx: Int?
        let n_ctx_seq: Int?
        let output: Int64?
    }

    struct Truth: Decodable, Sendable {
        let configs: [String: Configuration]
        let file_bytes: [String: UInt64]
        let llama_cpp_build: Int
        let truth: [String: [String: Cell]]
    }

    let truth: Truth
    let headers: [String: GGUFHeader]

    /// The files' names, in order.
    var names: [String] { truth.truth.keys.sorted() }

    func description(_ name: String) throws -> ModelDescription {
        let header = try #require(headers[name])
        return try ModelDescription(
            shards: [header],
            fileBytes: ByteCount(clamping: truth.file_bytes[name] ?? 0),
            sharedName: name
        )
    }

    func options(_ configuration: String) throws -> LoadOptions {
        let given = try #require(truth.configs[configuration])
        let flash = try #require(ContextOptions.FlashAttention(rawValue: given.fa))
        let context = ContextOptions(
            contextTokens: given.c,
            batch: given.b,
            microBatch: given.ub,
            sequences: given.np,
            unifiedCache: given.kvu != 0,
            flashAttention: flash,
            keyCacheType: try #require(CacheType(rawValue: given.ctk)),
            valueCacheType: try #require(CacheType(rawValue: given.ctv)),
            outputs: given.no == 0 ? nil : given.no,
            embeddings: given.emb == 1
        )
        // The truth was taken on x86-64 with AVX-512.
        return LoadOptions(context: context, cpu: [.avx2, .avx512], loadMode: .copied)
    }

    /// Where the shared folder is, if it is.
    static let folder: URL? = {
        let environment = ProcessInfo.processInfo.environment["CORRAL_SHARED"].map {
            URL(fileURLWithPath: $0)
        }
        let checkout = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let beside = checkout.deletingLastPathComponent().appending(path: "shared")
        return [environment, beside].compactMap(\.self)
            .map { $0.appending(path: "gguf-fixtures") }
            .first { FileManager.default.fileExists(atPath: $0.appending(path: "truth.json").path) }
    }()

    /// False where the fixtures are absent, which only outside CI is no failure.
    static var areAvailable: Bool {
        folder != nil || ProcessInfo.processInfo.environment["CI"] == "true"
    }

    static let loaded = Result { try Fixtures() }

    private init() throws {
        let folder = try #require(Self.folder, "gguf-fixtures is not in the shared folder")
        let json = try Data(contentsOf: folder.appending(path: "truth.json"))
        truth = try JSONDecoder().decode(Truth.self, from: json)

        let unpacked = FileManager.default.temporaryDirectory
            .appending(path: "corral-fixtures-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: unpacked, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: unpacked) }
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = [
            "tar", "-xzf", folder.appending(path: "headers.tar.gz").path, "-C", unpacked.path,
        ]
        try tar.run()
        tar.waitUntilExit()
        try #require(tar.terminationStatus == 0)
        var headers: [String: GGUFHeader] = [:]
        for name in truth.truth.keys {
            let bytes = [UInt8](try Data(contentsOf: unpacked.appending(path: name)))
            headers[name] = try GGUFHeader(
                parsing: bytes.span,
                fileSize: truth.file_bytes[name]
            )
        }
        self.headers = headers
    }
}
