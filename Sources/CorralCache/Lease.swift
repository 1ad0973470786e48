/// Permission to use a resident model, given back when it is dropped.
///
/// A lease cannot be copied, so it is given back exactly once. Let a closure
/// capture it to keep the model for as long as the closure lives.
public struct Lease<Engine: ModelEngine>: ~Copyable, Sendable {
    /// The model, not to be used once the lease is gone.
    public let model: Engine.Model

    let id: CacheCore.Machine.LeaseID
    let core: CacheCore

    deinit {
        core.release(id)
    }
}
