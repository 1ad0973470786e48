import CorralCache
import CorralDialects
import CorralObservability

/// The models that are served at one moment, with an index of the names they answer to.
///
/// It is made once for each change of a directory and then only looked at, by every request.
public struct ServedModels: Sendable {
    /// Every model that may be asked for, in the order it is listed in.
    ///
    /// A file that serves in two roles has two entries, which may share a name.
    public let entries: [ServedEntry]

    /// Positions in ``entries`` by name, alias and path as they are written.
    private let exact: [String: [Int]]

    /// Positions in ``entries`` by name, alias and path as ``spelling`` has them.
    private let spelled: [String: [Int]]

    private let spelling: @Sendable (String) -> String

    /// Tells of the cache with the names that these models have.
    let report: StatusReport

    /// Creates a snapshot.
    ///
    /// - Parameters:
    ///   - entries: The models, in the order they are listed in.
    ///   - spelling: Makes names equal that mean the same model. A name is looked up letter for
    ///     letter first.
    public init(
        _ entries: [ServedEntry],
        spelling: @escaping @Sendable (String) -> String = { $0.lowercased() }
    ) {
        self.entries = entries
        self.spelling = spelling
        exact = Self.index(entries) { $0 }
        spelled = Self.index(entries, spelling)
        report = StatusReport(
            ModelNames(entries.map { ($0.id, $0.name) }) { RouteTable.find($0) != nil }
        )
    }

    /// A name goes before the alias or the path of another model.
    private static func index(
        _ entries: [ServedEntry],
        _ spelling: (String) -> String
    ) -> [String: [Int]] {
        var names: [String: [Int]] = [:]
        var aliases: [String: [Int]] = [:]
        for (position, entry) in entries.enumerated() {
            names[spelling(entry.name), default: []].append(position)
            let others = entry.aliases + [entry.id.path] + entry.otherPaths
            for alias in Set(others.map(spelling)) {
                aliases[alias, default: []].append(position)
            }
        }
        return aliases.merging(names) { _, names in names }
    }

    /// All roles of the model of a name, as it is listed.
    func entries(of name: String) -> [ServedEntry] {
        (exact[name] ?? []).map { entries[$0] }.filter { $0.name == name }
    }

    /// The model a request names; where it names none, the only one of the role.
    ///
    /// - Parameters:
    ///   - name: The name as the client wrote it, maybe with the tag that Ollama's clients put
    ///     behind names.
    ///   - role: The role it must play, or `nil` where any will do.
    /// - Returns: The model.
    /// - Throws: ``RequestError`` with the nearest names, or with the roles the model plays.
    func entry(named name: String?, role: ModelRole?) throws(RequestError) -> ServedEntry {
        guard let name, !name.isEmpty else { return try onlyEntry(role) }
        let called = called(name)
        let playing = called.filter { role == nil || $0.id.role == role }
        let first = playing.min { $0.id < $1.id }
        if let first, playing.allSatisfy({ $0.id.path == first.id.path }) { return first }
        guard first == nil else {
            throw Self.unknown(name, nearest: Set(playing.map(\.name)).sorted())
        }
        guard let role, let other = called.first else {
            let names = entries.filter { role == nil || $0.id.role == role }.map(\.name)
            throw Self.unknown(name, nearest: NearestNames.nearest(to: name, among: names))
        }
        let roles = called.map(\.id.role).sorted().map(\.description).joined(separator: " and ")
        throw RequestError(
            .wrongRole,
            "The model '\(other.name)' is served for \(roles), "
                + "and this request needs a model served for \(role).",
            parameter: "model"
        )
    }

    private func called(_ name: String) -> [ServedEntry] {
        let tag = ":latest"
        let untagged = name.lowercased().hasSuffix(tag) ? String(name.dropLast(tag.count)) : nil
        for name in [name] + (untagged.map { [$0] } ?? []) {
            if let found = exact[name] ?? spelled[spelling(name)] {
                return found.map { entries[$0] }
            }
        }
        return []
    }

    private static func unknown(_ name: String, nearest: [String]) -> RequestError {
        let hint =
            nearest.isEmpty
            ? "GET /v1/models lists the models there are."
            : "Did you mean \(list(nearest))?"
        return RequestError(
            .modelNotFound,
            "There is no model '\(name)'. \(hint)",
            parameter: "model"
        )
    }

    private func onlyEntry(_ role: ModelRole?) throws(RequestError) -> ServedEntry {
        let entries = entries.filter { role == nil || $0.id.role == role }
        if entries.count == 1 { return entries[0] }
        let kind = role.map { "\($0) model" } ?? "model"
        guard !entries.isEmpty else {
            throw RequestError(.modelNotFound, "No \(kind) is served.", parameter: "model")
        }
        throw RequestError(
            .modelNotNamed,
            "Say which \(kind) in 'model': \(Self.list(entries.map(\.name))).",
            parameter: "model"
        )
    }

    /// `'a', 'b' or 'c'`; the first twenty.
    private static func list(_ names: [String]) -> String {
        let quoted = names.prefix(20).map { "'\($0)'" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
        return quoted.dropLast().joined(separator: ", ") + " or " + last
    }
}
