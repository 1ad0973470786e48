import NIOCore

#if TLS
import NIOSSL
#endif

/// What encrypts connections, where this was built with the trait `TLS`.
enum TLSLayer {
    #if TLS
    private static let context = Result { try NIOSSLContext(configuration: .clientDefault) }

    /// Reads the system's certificates, once.
    static func prepare(for endpoint: HTTPEndpoint) throws { _ = try context.get() }

    /// What encrypts one connection.
    static func handler(for endpoint: HTTPEndpoint) throws -> NIOSSLClientHandler {
        let context = try context.get()
        guard case .host(let name, _) = endpoint.address else {
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
        do {
            return try NIOSSLClientHandler(context: context, serverHostname: name)
        } catch let error as NIOSSLExtraError where error == .cannotUseIPAddressInSNI {
            // An address has no name to send along; its certificate is checked all the same.
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
    }
    #else
    /// Refuses: there is nothing to encrypt with.
    static func prepare(for endpoint: HTTPEndpoint) throws {
        throw HTTPClientError(
            .noTLS,
            "\(endpoint) asks for TLS, which this program was built without; use http, or build it with --traits TLS."
        )
    }
    #endif
}
