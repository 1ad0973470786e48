import CorralCache

/// Hints in the headers of requests, carried out one after the other by the service, so that no
/// answer waits for the plans they take.
///
/// It keeps ``limit`` hints: of more the newest, which say best what comes next.
final class HintQueue: Sendable {
    /// How many hints may wait.
    static let limit = 64

    private let hints: AsyncStream<[ModelID]>
    private let more: AsyncStream<[ModelID]>.Continuation

    init() {
        (hints, more) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.limit))
    }

    /// Adds the hint of one request.
    func offer(_ models: [ModelID]) { more.yield(models) }

    /// Carries hints out until the task is cancelled; one task may.
    func run(_ carryOut: @Sendable ([ModelID]) async -> Void) async {
        for await models in hints { await carryOut(models) }
    }
}
