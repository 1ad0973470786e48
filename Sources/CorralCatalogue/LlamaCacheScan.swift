internal import CorralGGUF
internal import Foundation

/// The models llama.cpp has fetched: `user_repository_file.gguf` in one folder, with manifests
/// `manifest=user=repository=tag.json`, or, since build 8500, as in the cache of the hub.
struct LlamaCacheScan {
    private(set) var files: [FoundFile] = []
    private(set) var problems: [UnusableFile] = []

    /// The repository that a file comes from, as its manifest says.
    private struct Origin {
        var repository: String
        /// The name of the file in the repository, maybe in a folder there.
        var file: String
        var tag: String?
        var projector: String?
    }

    private struct Manifest: Decodable {
        struct File: Decodable { var rfilename: String }
        var ggufFile: File?
        var mmprojFile: File?
    }

    /// Reads a cache.
    ///
    /// - Parameters:
    ///   - root: The folder that `LLAMA_CACHE` names.
    ///   - tree: Where it is.
    init(_ root: String, in tree: some FolderTree) {
        let names: [String]
        do throws(CatalogueError) {
            names = try tree.names(in: root).sorted()
        } catch {
            problems.append(
                UnusableFile(path: root, reason: error.message, kind: .unreadable, store: .llamaCpp)
            )
            return
        }
        if names.contains(where: { HubScan.repository($0) != nil }) {
            let hub = HubScan(root, in: tree, store: .llamaCpp)
            files += hub.files
            problems += hub.problems
        }
        let origins = Self.origins(names, root, tree)
        let scan = FolderScan([root], in: tree, store: .llamaCpp)
        // Folders in it are the hub's, which was read above.
        problems += scan.problems.filter { FolderScan.parent($0.path) == root }
        for var file in scan.files where FolderScan.parent(file.path) == root {
            let name = FolderScan.name(file.path)
            guard let origin = origins[name] ?? Self.guess(name, origins.values.map(\.repository))
            else {
                files.append(file)
                continue
            }
            file.scope = FolderScan.join(root, origin.repository)
            file.label = "\(file.scope)/\(origin.file)"
            if let tag = origin.tag {
                file.aliases.append("\(origin.repository):\(tag)")
                if tag == "latest" { file.aliases.append(origin.repository) }
            }
            if let projector = origin.projector {
                let path = FolderScan.join(root, projector)
                if case .file = tree.item(at: path) { file.projector = path }
            }
            files.append(file)
        }
    }

    /// The origins that manifests tell, by the name of the file in the cache.
    private static func origins(
        _ names: [String],
        _ root: String,
        _ tree: some FolderTree
    ) -> [String: Origin] {
        var origins: [String: Origin] = [:]
        for name in names where name.hasPrefix("manifest=") && name.hasSuffix(".json") {
            let parts = name.dropLast(5).split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 4,
                let text = try? tree.text(at: FolderScan.join(root, name), limit: 4 << 20),
                let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(text.utf8))
            else { continue }
            let repository = "\(parts[1])/\(parts[2])"
            let projector = manifest.mmprojFile.map { cached($0.rfilename, of: repository) }
            if let file = manifest.ggufFile {
                let key = cached(file.rfilename, of: repository)
                // Of two tags for one file, `latest` says the more.
                if origins[key]?.tag == "latest" { continue }
                origins[key] = Origin(
                    repository: repository,
                    file: file.rfilename,
                    tag: String(parts[3]),
                    projector: projector
                )
            }
            if let file = manifest.mmprojFile, let projector {
                origins[projector] = Origin(repository: repository, file: file.rfilename)
            }
        }
        return origins
    }

    /// The name of a repository's file in the cache: slashes become `_`.
    private static func cached(_ file: String, of repository: String) -> String {
        "\(repository)_\(file)".replacing("/", with: "_")
    }

    /// Takes a name apart that no manifest explains: by a repository that is known, else where
    /// `-GGUF_` ends the repository's name, as most do.
    private static func guess(_ name: String, _ known: [String]) -> Origin? {
        for repository in Set(known).sorted() {
            let prefix = cached("", of: repository)
            if name.hasPrefix(prefix), name.count > prefix.count {
                return Origin(repository: repository, file: String(name.dropFirst(prefix.count)))
            }
        }
        let lowered = name.lowercased()
        guard let end = lowered.range(of: "-gguf_")?.upperBound else { return nil }
        let length = lowered.distance(from: lowered.startIndex, to: end)
        let prefix = name.prefix(length - 1)
        guard let slash = prefix.firstIndex(of: "_"), slash > prefix.startIndex,
            name.count > length
        else { return nil }
        let repository = "\(prefix[..<slash])/\(prefix[prefix.index(after: slash)...])"
        return Origin(repository: repository, file: String(name.dropFirst(length)))
    }
}
