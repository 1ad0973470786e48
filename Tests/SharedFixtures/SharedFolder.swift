public import Foundation

/// What lies in the shared folder: the one that `CORRAL_SHARED` names, or `shared` beside the
/// checkout.
public enum SharedFolder {
    /// The folder of headers and of what llama.cpp said of them, if it is there.
    public static let gguf = folder("gguf-fixtures", holding: "truth.json")

    /// The folder of recordings, if it is there.
    public static let workloads = folder("workloads", holding: nil)

    /// Whether a test that needs a folder is to run: where it is absent, only outside CI is that no
    /// failure.
    ///
    /// - Parameter folder: The folder.
    /// - Returns: False where the test is to be skipped.
    public static func isAvailable(_ folder: URL?) -> Bool {
        folder != nil || ProcessInfo.processInfo.environment["CI"] == "true"
    }

    /// Whether a test of more than this repository holds is to run.
    ///
    /// It is an extra everywhere: what it shows is shown in part by fixtures that are committed.
    ///
    /// - Parameter folder: The folder.
    /// - Returns: False where the test is to be skipped.
    public static func hasExtra(_ folder: URL?) -> Bool { folder != nil }

    private static func folder(_ name: String, holding file: String?) -> URL? {
        let environment = ProcessInfo.processInfo.environment["CORRAL_SHARED"].map {
            URL(fileURLWithPath: $0)
        }
        let checkout = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let beside = checkout.deletingLastPathComponent().appending(path: "shared")
        return [environment, beside].compactMap(\.self)
            .map { $0.appending(path: name) }
            .first { folder in
                let wanted = file.map { folder.appending(path: $0) } ?? folder
                return FileManager.default.fileExists(atPath: wanted.path)
            }
    }
}
