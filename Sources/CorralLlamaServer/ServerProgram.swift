import Subprocess
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A llama-server program, and what it can be told.
final class ServerProgram: Sendable {
    private struct Version: Equatable {
        var modified: Date
        var bytes: UInt64
    }

    let path: String
    private let environment: [String: String]
    private let known = Mutex<(version: Version, features: ServerFeatures)?>(nil)

    init(path: String, environment: [String: String]) {
        self.path = path
        self.environment = environment
    }

    /// What the program can be told, asked again only when the file has changed.
    ///
    /// - Throws: ``LlamaServerError`` where it cannot be run or is too old.
    func features() async throws(LlamaServerError) -> ServerFeatures {
        let version = try version()
        if let known = known.withLock({ $0 }), known.version == version { return known.features }
        let features = ServerFeatures(
            version: try await output("--version"),
            help: try await output("--help")
        )
        let missing = features.missing
        guard missing.isEmpty else {
            let build = features.build.map { "build \($0)" } ?? "of unknown build"
            throw LlamaServerError(
                .programTooOld,
                "\(path) (\(build)) lacks \(missing.joined(separator: ", ")); install a newer llama.cpp."
            )
        }
        known.withLock { $0 = (version, features) }
        return features
    }

    private func version() throws(LlamaServerError) -> Version {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: resolved),
            let modified = attributes[.modificationDate] as? Date,
            let bytes = attributes[.size] as? UInt64
        else {
            throw LlamaServerError(
                .programNotFound,
                "There is no llama-server at \(path); install llama.cpp or give its path."
            )
        }
        return Version(modified: modified, bytes: bytes)
    }

    /// The file behind links, so that an upgrade that moves a link is noticed.
    private var resolved: String {
        URL(filePath: path).resolvingSymlinksInPath().path
    }

    /// What the program prints with one argument, on either output.
    func output(_ argument: String) async throws(LlamaServerError) -> String {
        do {
            let launch = Launch(program: path, arguments: [argument], environment: environment)
            let result = try await Subprocess.run(
                launch.configuration,
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20)
            )
            return result.standardOutput + "\n" + result.standardError
        } catch {
            throw LlamaServerError(
                .programNotFound,
                "\(path) cannot be run (\(error)); install llama.cpp or give its path."
            )
        }
    }
}
