import Hummingbird

extension CorralResponder {
    /// Has the configuration read again, and tells what came of it.
    func reload() async throws -> Response {
        guard let reload = configuration.reload else {
            throw RequestError(.routeNotFound, "This server has no configuration to read again.")
        }
        do {
            return Self.json(try await reload().json)
        } catch {
            throw RequestError(
                .invalidConfiguration,
                "Nothing was changed, because the configuration makes no sense. \(error)"
            )
        }
    }
}
