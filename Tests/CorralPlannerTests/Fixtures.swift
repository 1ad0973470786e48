import CorralGGUF
import CorralMemory
import CorralPlanner
import SharedFixtures
import Testing

/// The headers of real and tiny models, and what llama.cpp said each of them takes.
struct Fixtures: Sendable {
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

    private let fixtures: GGUFFixtures<Cell>
    let headers: [String: GGUFHeader]

    var truth: GGUFFixtures<Cell>.Truth { fixtures.truth }

    /// The files' names, in order.
    var names: [String] { fixtures.names }

    func description(_ name: String) throws -> ModelDescription {
        let header = try #require(headers[name])
        return try ModelDescription(
            shards: [header],
            fileBytes: ByteCount(clamping: truth.file_bytes[name] ?? 0),
            sharedName: name
        )
    }

    /// The truth was taken on x86-64 with AVX-512.
    func options(_ configuration: String) throws -> LoadOptions {
        LoadOptions(
            context: try fixtures.context(configuration),
            cpu: [.avx2, .avx512],
            loadMode: .copied
        )
    }

    static var areAvailable: Bool { SharedFolder.hasExtra(SharedFolder.gguf) }

    static let loaded = Result { try Fixtures() }

    private init() throws {
        fixtures = try GGUFFixtures()
        var headers: [String: GGUFHeader] = [:]
        for (name, bytes) in fixtures.headers {
            headers[name] = try GGUFHeader(
                parsing: bytes.span,
                fileSize: fixtures.truth.file_bytes[name]
            )
        }
        self.headers = headers
    }
}
