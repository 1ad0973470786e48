import CorralCache
import CorralHost
import CorralLlamaServer
import Foundation

extension Machine {
    /// The machine's files as the engine asks for them.
    var files: ModelFileAccess {
        ModelFileAccess(
            storage: { [pageCache, storageNames] paths in
                let sizes = paths.map { path in
                    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
                    let values = try? url.resourceValues(forKeys: [.fileSizeKey])
                    return (path: url.path, bytes: Int64(values?.fileSize ?? 0))
                }
                return ModelStorage(
                    name: paths.first.map(storageNames.name(ofFileAt:)) ?? "",
                    cachedShare: pageCache.share(of: sizes)
                )
            },
            readAhead: pageCache.readAhead
        )
    }
}
