public import CorralPlanner
import Foundation

/// Headers of real and tiny models, and what llama.cpp said each of them takes, each answer read as
/// a `Cell`.
public struct GGUFFixtures<Cell: Decodable & Sendable>: Sendable {
    /// What the file of answers says.
    public struct Truth: Decodable, Sendable {
        /// How contexts were created, by name.
        public let configs: [String: FixtureConfiguration]
        /// How long each whole file is, by its name.
        public let file_bytes: [String: UInt64]
        /// The build of llama.cpp that answered.
        public let llama_cpp_build: Int
        /// The answers, by file and configuration.
        public let truth: [String: [String: Cell]]
    }

    /// The answers.
    public let truth: Truth

    /// The headers, by file.
    public let headers: [String: [UInt8]]

    /// The files' names, in order.
    public var names: [String] { truth.truth.keys.sorted() }

    /// The configurations' names, in order.
    public var configurations: [String] { truth.configs.keys.sorted() }

    /// Reads them all.
    ///
    /// - Throws: Where they are not there, or cannot be read.
    public init() throws {
        guard let folder = SharedFolder.gguf else { throw CocoaError(.fileNoSuchFile) }
        let json = try Data(contentsOf: folder.appending(path: "truth.json"))
        truth = try JSONDecoder().decode(Truth.self, from: json)
        let unpacked = FileManager.default.temporaryDirectory
            .appending(path: "corral-fixtures-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: unpacked, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: unpacked) }
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = [
            "tar", "-xzf", folder.appending(path: "headers.tar.gz").path, "-C", unpacked.path,
        ]
        try tar.run()
        tar.waitUntilExit()
        guard tar.terminationStatus == 0 else { throw CocoaError(.fileReadCorruptFile) }
        var headers: [String: [UInt8]] = [:]
        for name in truth.truth.keys {
            headers[name] = [UInt8](try Data(contentsOf: unpacked.appending(path: name)))
        }
        self.headers = headers
    }

    /// How a context of a configuration is created.
    ///
    /// - Parameter configuration: Its name.
    /// - Returns: The options.
    /// - Throws: Where there is none of that name, or it makes no sense.
    public func context(_ configuration: String) throws -> ContextOptions {
        guard let given = truth.configs[configuration] else {
            throw CocoaError(.coderValueNotFound)
        }
        return try given.context()
    }
}

/// How a context was created, in llama.cpp's abbreviations.
public struct FixtureConfiguration: Decodable, Sendable {
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

    func context() throws -> ContextOptions {
        guard let attention = ContextOptions.FlashAttention(rawValue: fa),
            let keys = CacheType(rawValue: ctk), let values = CacheType(rawValue: ctv)
        else { throw CocoaError(.coderInvalidValue) }
        return ContextOptions(
            contextTokens: c,
            batch: b,
            microBatch: ub,
            sequences: np,
            unifiedCache: kvu != 0,
            flashAttention: attention,
            keyCacheType: keys,
            valueCacheType: values,
            outputs: no == 0 ? nil : no,
            embeddings: emb == 1
        )
    }
}
