import CorralDaemon
import CorralDryRun
import CorralGGUF
import CorralMemory
import CorralPlanner
import Foundation

/// A comparison of the planner with llama.cpp over a folder of models, or of models' headers.
struct DriftReport: Sendable {
    let check: DriftCheck

    /// The ways of using each model that are compared: the shapes that differ in what is allocated.
    static let configurations: [(name: String, context: ContextOptions)] = [
        ("single", ContextOptions(contextTokens: 4096, outputs: 1)),
        (
            "server",
            ContextOptions(contextTokens: 4096, sequences: 4, unifiedCache: true, outputs: 4)
        ),
        ("streams", ContextOptions(contextTokens: 8192, sequences: 3, outputs: 3)),
        ("noflash", ContextOptions(contextTokens: 4096, flashAttention: .off, outputs: 1)),
        (
            "q8kv",
            ContextOptions(
                contextTokens: 4096,
                flashAttention: .on,
                keyCacheType: .q8_0,
                valueCacheType: .q8_0,
                outputs: 1
            )
        ),
        ("long", ContextOptions(contextTokens: 32768, microBatch: 2048, outputs: 1)),
        ("embed", ContextOptions(contextTokens: 2048, microBatch: 2048, embeddings: true)),
        ("odd", ContextOptions(contextTokens: 1000, batch: 700, microBatch: 100)),
    ]

    /// Compares every model of a folder.
    ///
    /// - Parameters:
    ///   - folder: The folder; where it has no GGUF file, its `headers.tar.gz`.
    ///   - machine: What weights are repacked for.
    ///   - environment: Where the helper and llama.cpp are.
    /// - Throws: Where there is no helper or no model.
    init(
        folder: String,
        _ machine: Machine,
        _ environment: UserEnvironment
    ) async throws {
        let helper = try DryRunFinder().find(environment)
        // Without an engine there is nothing to compare with.
        _ = try await helper.identify()
        let models = try HeaderFolder(folder)
        var check = DriftCheck()
        for name in models.names {
            let path = "\(models.path)/\(name)"
            let planner: MemoryPlanner
            do {
                planner = MemoryPlanner(
                    try ModelDescription(GGUFFile(path: path, requiresData: false))
                )
            } catch {
                FileHandle.standardError.write(Data("\(name): \(error)\n".utf8))
                continue
            }
            let file = try ModelStandIn(path)
            let options = Self.configurations.map { name, context in
                (name, LoadOptions(context: context, cpu: machine.cpu, loadMode: .copied))
            }
            try await check.compare(
                name,
                at: file.path,
                planner: planner,
                configurations: options,
                with: helper
            )
        }
        self.check = check
    }

    /// Prints the report.
    ///
    /// - Throws: ``CommandFailure`` where something differs.
    func print(to console: Console, asJSON: Bool) throws {
        if asJSON {
            try console.print(json: Summary(check))
        } else {
            console.print("\(check)")
        }
        guard check.drifts.isEmpty else {
            throw CommandFailure(
                .failure,
                """
                The planner and \(check.engine?.description ?? "llama.cpp") differ in \
                \(check.drifts.count) of \(check.cells.count) configurations.
                """
            )
        }
    }

    private struct Summary: Encodable {
        var engine: String?
        var build: Int?
        var compared: Int
        var drifts: [String]

        init(_ check: DriftCheck) {
            engine = check.engine?.description
            build = check.engine?.build
            compared = check.cells.count
            drifts = check.drifts.map(\.description)
        }
    }
}

/// A folder of GGUF files; from an archive of headers one that is deleted with this value.
private struct HeaderFolder: ~Copyable {
    let path: String
    let names: [String]
    private let isTemporary: Bool

    init(_ folder: String) throws {
        let manager = FileManager.default
        let archive = "\(folder)/headers.tar.gz"
        var (path, names) = (folder, Self.models(folder))
        let unpacks = names.isEmpty && manager.fileExists(atPath: archive)
        if unpacks {
            path =
                manager.temporaryDirectory
                .appendingPathComponent("corral-drift-\(UUID().uuidString)").path
            try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
            let tar = Process()
            tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            tar.arguments = ["tar", "-xzf", archive, "-C", path]
            try tar.run()
            tar.waitUntilExit()
            names = Self.models(path)
        }
        guard !names.isEmpty else {
            throw CommandFailure(
                .input,
                "There is no GGUF file in \(folder), nor a headers.tar.gz with some; name another folder."
            )
        }
        self.path = path
        self.names = names
        isTemporary = unpacks
    }

    deinit { if isTemporary { try? FileManager.default.removeItem(atPath: path) } }

    private static func models(_ folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".gguf") }.sorted()
    }
}
