public import Hummingbird
public import NIOCore

/// Why the server cannot be reached at an address it was given.
public struct ListeningError: Error, Sendable {
    /// The address.
    public var address: BindAddress

    /// What the system said.
    public var reason: IOError

    /// Creates an error.
    public init(address: BindAddress, reason: IOError) {
        self.address = address
        self.reason = reason
    }
}
