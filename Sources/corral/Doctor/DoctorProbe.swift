import CorralCatalogue
import CorralDaemon
import CorralHTTP
import CorralHost
import CorralLlamaServer
import CorralMemory
import Foundation
import HTTPTypes
import NIOCore

/// Everything `corral doctor` looks at, so that tests can make it up.
struct DoctorProbe: Sendable {
    /// The kind of program that answers at a port of this machine.
    enum Listener: Hashable, Sendable {
        case nobody
        case corral
        case ollama
        case other
    }

    /// The rights that this user and others have to a folder.
    struct Access: Hashable, Sendable {
        /// Whether it is this user's.
        var isOwn: Bool
        /// Whether nobody else may enter.
        var isPrivate: Bool
        /// Whether this user can write there.
        var isWritable: Bool
    }

    /// Reads the settings.
    var settings: @Sendable () throws -> Settings
    /// Finds llama-server.
    var program: @Sendable (Settings) throws -> String
    /// Asks it what it is.
    var facts: @Sendable (String) async throws -> LlamaServerFacts
    /// The path of the helper that has llama.cpp say what models take; `nil` where it is not there.
    var helper: @Sendable () -> String?
    /// Searches for models.
    var listing: @Sendable (Settings) -> CatalogueListing
    /// Tells whether a path leads to a file, a folder or nothing.
    var item: @Sendable (String) -> FolderItem?
    /// Describes the machine.
    var machine: @Sendable () throws -> HostDescription
    /// Reads how much memory there is.
    var memory: @Sendable () throws -> HostMemory
    /// Tells which kind of program answers at a port.
    var listener: @Sendable (Int) async -> Listener
    /// The bytes that are free where a path is, or would be.
    var freeSpace: @Sendable (String) -> ByteCount?
    /// Tells the rights to a folder; `nil` where there is none.
    var access: @Sendable (String) -> Access?
    /// The variables of the environment, and the folders they name.
    var environment: UserEnvironment
}

extension DoctorProbe {
    /// This machine.
    static func live(
        _ environment: UserEnvironment,
        settings: @escaping @Sendable () throws -> Settings
    ) -> DoctorProbe {
        let source = HostSource.live(
            visible: DeviceVisibility(
                cuda: environment["CUDA_VISIBLE_DEVICES"],
                hip: environment["HIP_VISIBLE_DEVICES"]
            )
        )
        return DoctorProbe(
            settings: settings,
            program: { try LlamaServerFinder().find($0, environment) },
            facts: {
                try await LlamaServerFacts(examining: $0, environment: environment.variables)
            },
            helper: { beside("corral-dry-run") },
            listing: { ModelCatalogue($0).search() },
            item: { DiskFolders().item(at: $0) },
            machine: { try HostDescription(source) },
            memory: { try SystemMemory(source).read() },
            listener: { await listener(at: $0) },
            freeSpace: { freeSpace(at: $0) },
            access: { access(to: $0) },
            environment: environment
        )
    }

    /// The path of a program beside this one.
    private static func beside(_ name: String) -> String? {
        guard let own = Bundle.main.executableURL?.resolvingSymlinksInPath() else { return nil }
        let path = own.deletingLastPathComponent().appendingPathComponent(name).path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    /// Asks a port what it is; whoever does not speak HTTP is another program.
    private static func listener(at port: Int) async -> Listener {
        do {
            let answer = try await HTTPClient(connectTimeout: .seconds(3)).send(
                "/",
                to: .host("127.0.0.1", port: port),
                within: .seconds(3)
            )
            if answer.headers[.server] == "corral" { return .corral }
            let body = try await answer.body.collect(upTo: 1 << 20)
            let text = String(decoding: body.readableBytesView, as: UTF8.self)
            return text.contains("Ollama is running") ? .ollama : .other
        } catch let error as HTTPClientError
            where ![.unreachable, .connectTimeout].contains(error.code)
        {
            return .other
        } catch {
            // Refused, or no answer to knocking.
            return .nobody
        }
    }

    private static func freeSpace(at path: String) -> ByteCount? {
        // The nearest folder above that is there.
        var path = path
        while !FileManager.default.fileExists(atPath: path), path != "/", !path.isEmpty {
            path = (path as NSString).deletingLastPathComponent
        }
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)
        let free = attributes?[.systemFreeSize] as? NSNumber
        return free.map { ByteCount(clamping: $0.uint64Value) }
    }

    private static func access(to path: String) -> Access? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue
        else { return nil }
        let owner = (attributes[.ownerAccountID] as? NSNumber)?.intValue
        return Access(
            isOwn: owner == Int(Terminal.userID),
            isPrivate: mode & 0o077 == 0,
            isWritable: FileManager.default.isWritableFile(atPath: path)
        )
    }
}
