import CorralCache
import Synchronization

/// A lease that a response holds until its body has ended, or until nobody wants
/// the response any more.
final class LeaseHolder<Engine: ModelEngine>: Sendable {
    /// The model that is leased.
    let model: Engine.Model

    private let lease: Mutex<Lease<Engine>?>

    init(_ lease: consuming Lease<Engine>) {
        model = lease.model
        self.lease = Mutex(lease)
    }

    /// Gives the lease back; the second time does nothing.
    func giveBack() {
        _ = lease.withLock { $0.take() }
    }
}
