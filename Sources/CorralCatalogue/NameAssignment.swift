/// Gives each of several files the shortest name that no other has.
struct NameAssignment {
    /// The names, by the position of the file.
    let names: [String]

    /// Further names each file answers to, by its position.
    let aliases: [[String]]

    /// Assigns names.
    ///
    /// - Parameter files: The paths of the files, each with the folder of the search.
    init(_ files: [(path: String, folder: String)]) {
        let parsed = files.map { ModelName(path: $0.path, under: $0.folder) }
        let candidates = zip(files, parsed).map { Self.candidates($0, $1) }
        var level = Array(repeating: 0, count: files.count)
        while true {
            let current = zip(candidates, level).map { $0[$1] }
            let groups = Dictionary(grouping: current.indices) { current[$0] }
            let clashing = groups.values.filter { $0.count > 1 }.joined()
            let movable = clashing.filter { level[$0] + 1 < candidates[$0].count }
            // Paths differ, so the last candidates do, and this ends.
            guard !movable.isEmpty else { break }
            for index in movable { level[index] += 1 }
        }
        names = zip(candidates, level).map { $0[$1] }
        aliases = zip(candidates, zip(files, parsed)).map { candidates, file in
            let name = file.1
            let tagged = name.quantization.map { ["\(name.base):\($0)"] } ?? []
            // Paths are found as such; a list of names is for anyone to see.
            let all = candidates.dropLast() + tagged + [Self.relative(file.0)]
            var seen: Set<String> = []
            return all.filter { seen.insert($0).inserted }
        }
    }

    /// The names a file could have, from the shortest, `m`, over `m-q4_0` to the path itself.
    private static func candidates(
        _ file: (path: String, folder: String),
        _ name: ModelName
    ) -> [String] {
        let quantized = name.quantization.map { ["\(name.base)-\($0)"] } ?? []
        var result = [name.base] + quantized + [name.stem]
        var longer = name.stem
        for component in relative(file).split(separator: "/").dropLast().reversed() {
            longer = "\(component)/\(longer)"
            result.append(longer)
        }
        result.append(file.path)
        var seen: Set<String> = []
        return result.filter { seen.insert($0).inserted }
    }

    /// The path inside the folder of the search, in lower case, without `.gguf`.
    private static func relative(_ file: (path: String, folder: String)) -> String {
        let root = file.folder.hasSuffix("/") ? file.folder : file.folder + "/"
        let inside =
            file.path.hasPrefix(root)
            ? String(file.path.dropFirst(root.count)) : FolderScan.name(file.path)
        let lowered = inside.lowercased()
        return lowered.hasSuffix(".gguf") ? String(lowered.dropLast(5)) : lowered
    }
}
