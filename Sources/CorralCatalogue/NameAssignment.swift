/// Gives each of several files the shortest name that no other has.
struct NameAssignment {
    /// The names, by the position of the file.
    let names: [String]

    /// Further names each file answers to, by its position.
    let aliases: [[String]]

    /// Assigns names to files that have equal claims: where two could have one name, both get a
    /// longer one.
    ///
    /// - Parameters:
    ///   - candidates: The names each file could have.
    ///   - taken: Names that are gone, in lower case.
    init(_ candidates: [NameCandidates], taken: Set<String> = []) {
        var level = Array(repeating: 0, count: candidates.count)
        while true {
            let current = zip(candidates, level).map { $0.ordered[$1].lowercased() }
            let groups = Dictionary(grouping: current.indices) { current[$0] }
            let clashing = groups.values.filter {
                $0.count > 1 || taken.contains(current[$0[0]])
            }.joined()
            let movable = clashing.filter { level[$0] + 1 < candidates[$0].ordered.count }
            // Paths differ, so the last candidates do, and this ends.
            guard !movable.isEmpty else { break }
            for index in movable { level[index] += 1 }
        }
        names = zip(candidates, level).map { $0.ordered[$1] }
        aliases = candidates.map(\.aliases)
    }

    /// Assigns names to files in folders.
    ///
    /// - Parameter files: The paths of the files, each with the folder of the search.
    init(_ files: [(path: String, folder: String)]) {
        self.init(files.map { NameCandidates(path: $0.path, under: $0.folder) })
    }

    /// Assigns names to files of several stores: a store's names are settled before the next
    /// store's, so that what appears in a later one renames nothing in an earlier one.
    ///
    /// - Parameter files: The files, by store.
    init(_ files: [FoundFile]) {
        var (names, aliases): ([String], [[String]]) = ([], [])
        var taken: Set<String> = []
        var rest = files[...]
        while let store = rest.first?.store {
            let group = rest.prefix { $0.store == store }
            rest = rest.dropFirst(group.count)
            let assigned = NameAssignment(group.map { NameCandidates($0) }, taken: taken)
            names += assigned.names
            aliases += assigned.aliases
            taken.formUnion((assigned.names + assigned.aliases.joined()).map { $0.lowercased() })
        }
        self.names = names
        self.aliases = aliases
    }
}
