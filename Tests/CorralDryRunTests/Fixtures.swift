import CorralDryRun
import CorralGGUF
import CorralMemory
import CorralPlanner
import Foundation
import Testing

/// Headers of real and tiny models, and what llama.cpp said each of them takes.
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

    /// A cell, or that llama.cpp refuses the configuration.
    struct Told: Decodable, Sendable {
        let cell: DryRunCell?

        private enum Key: CodingKey { case error }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            cell = container.contains(.error) ? nil : try DryRunCell(from: decoder)
        }
    }

    struct Truth: Decodable, Sendable {
        let configs: [String: Configuration]
        let file_bytes: [String: Int64]
        let llama_cpp_build: Int
        let truth: [String: [String: Told]]
    }

    /// A model's header, as much as is there of the file.
    struct Model: Sendable {
        let name: String
        let header: [UInt8]
        let fileBytes: Int64

        /// A file llama.cpp takes for it.
        func standIn() throws -> StandInFile {
            try StandInFile([.init(name: name, header: header, fileBytes: fileBytes)])
        }

        func planner() throws -> MemoryPlanner {
            let parsed = try GGUFHeader(parsing: header.span, fileSize: UInt64(fileBytes))
            let description = try ModelDescription(
                shards: [parsed],
                fileBytes: ByteCount(fileBytes)
            )
            return MemoryPlanner(description)
        }
    }

    let truth: Truth
    private let headers: [String: [UInt8]]

    /// The configurations' names, in order.
    var configurations: [String] { truth.configs.keys.sorted() }

    /// Every ninth of the files, and those whose states or graphs are special.
    var sample: [String] {
        let names = truth.truth.keys.sorted()
        let special = [
            "arch-deepseek4-moe.gguf", "arch-kimi-k3-moe.gguf", "arch-grok-moe.gguf",
            "tiny-tiny-bert.gguf", "tiny-tiny-mamba.gguf",
        ]
        let every = names.enumerated().filter { $0.offset.isMultiple(of: 9) }.map(\.element)
        return Set(every + special).intersection(names).sorted()
    }

    func model(_ name: String) throws -> Model {
        Model(
            name: name,
            header: try #require(headers[name]),
            fileBytes: try #require(truth.file_bytes[name])
        )
    }

    func options(_ configuration: String) throws -> LoadOptions {
        let given = try #require(truth.configs[configuration])
        let context = ContextOptions(
            contextTokens: given.c,
            batch: given.b,
            microBatch: given.ub,
            sequences: given.np,
            unifiedCache: given.kvu != 0,
            flashAttention: try #require(ContextOptions.FlashAttention(rawValue: given.fa)),
            keyCacheType: try #require(CacheType(rawValue: given.ctk)),
            valueCacheType: try #require(CacheType(rawValue: given.ctv)),
            outputs: given.no == 0 ? nil : given.no,
            embeddings: given.emb == 1
        )
        return LoadOptions(context: context, cpu: Self.cpu, loadMode: .copied)
    }

    /// What the machine that runs the tests repacks for.
    private static let cpu: CPUFeatures = {
        let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
        return text.map(CPUFeatures.init(linuxCPUInfo:)) ?? .appleSilicon
    }()

    /// True where what was found on another machine must be found on this one too.
    static let areOfThisMachine = cpu.isSuperset(of: [.avx2, .avx512])

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

    static let loaded = Result { try Fixtures() }

    private init() throws {
        let folder = try #require(Self.folder, "gguf-fixtures is not in the shared folder")
        let json = try Data(contentsOf: folder.appending(path: "truth.json"))
        truth = try JSONDecoder().decode(Truth.self, from: json)
        let scratch = try Scratch()
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = [
            "tar", "-xzf", folder.appending(path: "headers.tar.gz").path, "-C", scratch.path,
        ]
        try tar.run()
        tar.waitUntilExit()
        try #require(tar.terminationStatus == 0)
        var headers: [String: [UInt8]] = [:]
        for name in truth.truth.keys {
            headers[name] = [UInt8](
                try Data(contentsOf: URL(fileURLWithPath: "\(scratch.path)/\(name)"))
            )
        }
        self.headers = headers
    }
}
