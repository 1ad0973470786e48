/// The names one file could have.
struct NameCandidates: Hashable, Sendable {
    /// From the shortest, `m`, over `m-q4_0` to the path itself, which no other file has.
    let ordered: [String]

    /// All names the file answers to, in lower case; its path is not among them.
    let aliases: [String]

    /// The names of a file in a folder.
    ///
    /// - Parameters:
    ///   - path: Its path.
    ///   - folder: The folder of the search.
    init(path: String, under folder: String) {
        let name = ModelName(path: path, under: folder)
        let relative = Self.relative(path, under: folder)
        self.init(
            Self.plain(name) + Self.nested(name, relative) + [path],
            aliases: Self.tagged(name) + [relative]
        )
    }

    /// The names of a file that was found in a store.
    init(_ file: FoundFile) {
        if let first = file.names.first {
            self.init(
                [first, "\(file.store.rawValue)/\(first)", file.path],
                aliases: file.names + file.aliases
            )
            return
        }
        let name = ModelName(path: file.label, under: file.root)
        let relative = Self.relative(file.label, under: file.root)
        let plain = Self.plain(name)
        // Where a model of another store has the short names, those of this file name its store.
        let owned = file.store == .folder ? [] : plain.map { "\(file.store.rawValue)/\($0)" }
        self.init(
            plain + owned + Self.nested(name, relative) + [file.path],
            aliases: Self.tagged(name) + [relative] + file.aliases
        )
    }

    private init(_ names: [String], aliases: [String]) {
        var seen: Set<String> = []
        ordered = names.filter { seen.insert($0.lowercased()).inserted }
        seen = []
        self.aliases = (ordered.dropLast() + aliases).filter {
            seen.insert($0.lowercased()).inserted
        }
    }

    /// `m`, `m-q4_0`, and the file's name.
    private static func plain(_ name: ModelName) -> [String] {
        [name.base] + (name.quantization.map { ["\(name.base)-\($0)"] } ?? []) + [name.stem]
    }

    /// The file's name behind one folder, two and so on.
    private static func nested(_ name: ModelName, _ relative: String) -> [String] {
        var longer = name.stem
        return relative.split(separator: "/").dropLast().reversed().map { component in
            longer = "\(component)/\(longer)"
            return longer
        }
    }

    private static func tagged(_ name: ModelName) -> [String] {
        name.quantization.map { ["\(name.base):\($0)"] } ?? []
    }

    /// The path inside the folder of the search, in lower case, without `.gguf`.
    private static func relative(_ path: String, under folder: String) -> String {
        let root = folder.hasSuffix("/") ? folder : folder + "/"
        let inside =
            path.hasPrefix(root) ? String(path.dropFirst(root.count)) : FolderScan.name(path)
        let lowered = inside.lowercased()
        return lowered.hasSuffix(".gguf") ? String(lowered.dropLast(5)) : lowered
    }
}
