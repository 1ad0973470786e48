internal import CorralMemory

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
#if canImport(System)
internal import System
#else
internal import SystemPackage
#endif

/// A model of which there is only the header: files of the right length whose weights are a hole.
///
/// llama.cpp checks that tensors lie within their file, and a dry run reads none of them, so a plan
/// before the download is exact too. The files take no more of the disk than their headers, and are
/// deleted with this value.
package struct StandInFile: ~Copyable, Sendable {
    /// One file of a model.
    package struct Part: Hashable, Sendable {
        /// Its name, which for a model of several files says which of them it is.
        package var name: String
        /// What is known of it: its beginning, up to the weights.
        package var header: [UInt8]
        /// The bytes the whole file has.
        package var fileBytes: Int64

        /// Describes a file.
        ///
        /// - Parameters:
        ///   - name: Its name, without a folder.
        ///   - header: Its beginning, up to the weights.
        ///   - fileBytes: The bytes the whole file has.
        package init(name: String, header: [UInt8], fileBytes: Int64) {
            self.name = name
            self.header = header
            self.fileBytes = fileBytes
        }
    }

    /// The first part's path, to give to ``DryRunHelper``.
    package let path: String

    private let folder: String

    /// Makes the files, in a folder of their own that only this user may enter.
    ///
    /// - Parameters:
    ///   - parts: The model's files, the first with the metadata.
    ///   - parent: The folder to make it in; the one for temporary files unless given.
    /// - Throws: ``DryRunError`` where a part makes no sense or cannot be written.
    package init(_ parts: [Part], in parent: String? = nil) throws(DryRunError) {
        guard let first = parts.first, parts.allSatisfy(\.isPlausible) else {
            throw DryRunError(
                .noStandIn,
                "A stand-in needs at least one part, each with a plain name and no longer a header than its file; give those of the model."
            )
        }
        let manager = FileManager.default
        let parent = parent ?? manager.temporaryDirectory.path
        let folder = "\(parent)/corral-dry-run-\(UUID().uuidString)"
        do {
            try manager.createDirectory(
                atPath: folder,
                withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700]
            )
            for part in parts { try part.write(to: "\(folder)/\(part.name)") }
        } catch {
            try? manager.removeItem(atPath: folder)
            throw DryRunError(
                .noStandIn,
                "No stand-in for \(first.name) can be made in \(parent) (\(error)); name a folder that can be written and takes files of \(ByteCount(first.fileBytes))."
            )
        }
        self.folder = folder
        path = "\(folder)/\(first.name)"
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}

extension StandInFile.Part {
    fileprivate var isPlausible: Bool {
        !name.isEmpty && name != "." && name != ".." && !name.contains("/")
            && !name.utf8.contains(0) && Int64(header.count) <= fileBytes
    }

    fileprivate func write(to path: String) throws {
        let file = try FileDescriptor.open(
            FilePath(path),
            .writeOnly,
            options: [.create, .exclusiveCreate],
            permissions: .ownerReadWrite
        )
        try file.closeAfter {
            try file.writeAll(header)
            try file.resize(to: fileBytes)
        }
    }
}
