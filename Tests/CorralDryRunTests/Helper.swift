import CorralDryRun
import Foundation
import SharedFixtures

/// The helper this build made, and llama.cpp's libraries.
enum Helper {
    private static let environment = ProcessInfo.processInfo.environment

    /// The helper beside the tests.
    static let path: String? = {
        var places = [environment["CORRAL_DRY_RUN_HELPER"]].compactMap(\.self)
        // The tests are a program on Linux, and a bundle two folders further down on macOS.
        for argument in CommandLine.arguments where argument.contains(".xctest") {
            var folder = URL(fileURLWithPath: argument).deletingLastPathComponent()
            for _ in 0..<4 {
                places.append(folder.appending(path: DryRunHelper.programName).path)
                folder.deleteLastPathComponent()
            }
        }
        return places.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    private static let libraries: [String] = {
        if let server = environment["CORRAL_LLAMA_SERVER"] {
            let program = URL(fileURLWithPath: server).resolvingSymlinksInPath().path
            return DryRunHelper.libraryFolders(of: program)
        }
        // Where its `.pc` file is, it is one folder up.
        return environment["PKG_CONFIG_PATH"].map {
            [URL(fileURLWithPath: $0).deletingLastPathComponent().path]
        } ?? []
    }()

    /// A helper whose limit of time is no matter of how busy the machine is.
    static func make(limits: DryRunLimits = DryRunLimits(time: .seconds(240))) -> DryRunHelper {
        DryRunHelper(
            path: path ?? DryRunHelper.programName,
            libraryFolders: libraries,
            limits: limits
        )
    }

    /// False where there is no helper with a llama.cpp, which only outside CI is no failure.
    @Sendable static func isAvailable() async -> Bool {
        if environment["CI"] == "true" { return true }
        return (try? await make().identify()) != nil
    }

    /// False where there is none, or no fixtures to ask about.
    @Sendable static func hasFixtures() async -> Bool {
        guard await isAvailable() else { return false }
        return SharedFolder.hasExtra(SharedFolder.gguf)
    }
}

/// A folder that is deleted with this value.
struct Scratch: ~Copyable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appending(path: "corral-dry-run-tests-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
    }

    /// Writes a file and says where it is.
    func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        let place = "\(path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: place))
        return place
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A clock on which every wait is over at once.
struct ImpatientClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    var now: Instant { Instant(offset: .zero) }
    var minimumResolution: Duration { .zero }
    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
    }
}
