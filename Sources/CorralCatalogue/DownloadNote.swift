/// Tells finished files from downloads under way by their names and those beside them.
enum DownloadNote {
    /// The endings that downloaders give, or put into, the name of a file that is not whole.
    private static let marks = [
        ".part", ".partial", ".tmp", ".temp", ".incomplete", ".download", ".downloadinprogress",
        ".crdownload", ".aria2", ".opdownload",
    ]

    /// Whether a name is that of a whole GGUF file, given the names beside it.
    static func isModel(_ name: String, beside names: Set<String>) -> Bool {
        let lowered = name.lowercased()
        guard lowered.hasSuffix(".gguf") else { return false }
        return !isUnfinished(name, beside: names)
    }

    /// Whether a name is that of a GGUF file under way, or of the note a downloader keeps of it.
    static func isUnfinished(_ name: String, beside names: Set<String>) -> Bool {
        let lowered = name.lowercased()
        guard lowered.hasSuffix(".gguf") else {
            return lowered.contains(".gguf") && marks.contains { lowered.hasSuffix($0) }
        }
        let stem = lowered.dropLast(5)
        if marks.contains(where: { stem.hasSuffix($0) }) || lowered.hasPrefix("downloading_") {
            return true
        }
        // Downloaders that write under the final name keep a note beside it.
        let notes = [".aria2", ".part", ".partial", ".downloadInProgress", ".crdownload"]
        return notes.contains { names.contains(name + $0) }
    }
}
