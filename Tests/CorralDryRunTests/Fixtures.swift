import CorralDryRun
import CorralGGUF
import CorralMemory
import CorralPlanner
import Foundation
import SharedFixtures
import Testing

/// Headers of real and tiny models, and what llama.cpp said each of them takes.
struct Fixtures: Sendable {
    /// A cell, or that llama.cpp refuses the configuration.
    struct Told: Decodable, Sendable {
        let cell: DryRunCell?

        private enum Key: CodingKey { case error }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            cell = container.contains(.error) ? nil : try DryRunCell(from: decoder)
        }
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

    private let fixtures: GGUFFixtures<Told>

    var truth: GGUFFixtures<Told>.Truth { fixtures.truth }

    /// The configurations' names, in order.
    var configurations: [String] { fixtures.configurations }

    /// Every ninth of the files, and those whose states or graphs are special.
    var sample: [String] {
        let names = fixtures.names
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
            header: try #require(fixtures.headers[name]),
            fileBytes: Int64(try #require(truth.file_bytes[name]))
        )
    }

    func options(_ configuration: String) throws -> LoadOptions {
        LoadOptions(
            context: try fixtures.context(configuration),
            cpu: Self.cpu,
            loadMode: .copied
        )
    }

    /// What the machine that runs the tests repacks for.
    static let cpu: CPUFeatures = {
        let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
        return text.map(CPUFeatures.init(linuxCPUInfo:)) ?? .appleSilicon
    }()

    /// True where what was found on another machine must be found on this one too.
    static let areOfThisMachine = cpu.isSuperset(of: [.avx2, .avx512])

    static let loaded = Result { try Fixtures() }

    private init() throws { fixtures = try GGUFFixtures() }
}
