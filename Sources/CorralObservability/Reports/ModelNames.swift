package import CorralCache
package import CorralWire

/// What people call the models that are served, at one moment.
package struct ModelNames: Sendable {
    private let names: [ModelID: String]

    /// Takes paths of this machine out of sentences.
    package let redaction: PathRedaction

    /// Creates names.
    ///
    /// - Parameters:
    ///   - models: Each model and its name; of two names of a model the first counts.
    ///   - isRoute: Whether a path is one of the server's, which sentences may name.
    package init(
        _ models: [(id: ModelID, name: String)],
        isRoute: @escaping @Sendable (String) -> Bool
    ) {
        names = Dictionary(
            models.map { ($0.id, $0.name) },
            uniquingKeysWith: { first, _ in first }
        )
        redaction = PathRedaction(models.map { ($0.id.path, $0.name) }, isRoute: isRoute)
    }

    /// The name of a model; that of its file where the model is not served any more.
    package func name(of id: ModelID) -> String { names[id] ?? Self.file(of: id) }

    /// A model as answers name it.
    package func named(_ id: ModelID) -> NamedModel {
        NamedModel(
            model: name(of: id),
            role: id.role.rawValue,
            profile: id.profile.isEmpty ? nil : id.profile
        )
    }

    /// The last part of the path of a model's file.
    static func file(of id: ModelID) -> String {
        id.path.split(separator: "/").last.map(String.init) ?? ""
    }
}
