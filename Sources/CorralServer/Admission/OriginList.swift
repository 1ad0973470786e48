/// Origins as a person lists them.
struct OriginList: Sendable {
    private let exact: Set<String>
    private let schemes: [String]
    private let isOpen: Bool

    init(_ origins: [String]) {
        let origins = origins.map { $0.lowercased() }
        isOpen = origins.contains("*")
        exact = Set(origins)
        schemes = origins.filter { $0.hasSuffix("://*") }.map { String($0.dropLast()) }
    }

    func contains(_ origin: String) -> Bool {
        let origin = origin.lowercased()
        return isOpen || exact.contains(origin) || schemes.contains { origin.hasPrefix($0) }
    }
}
