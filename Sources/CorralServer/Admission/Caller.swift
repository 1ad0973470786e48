/// Who asks: the holder of a key, or anybody where no key is needed.
struct Caller: Sendable {
    /// The caller of the request that the current task answers.
    @TaskLocal static var current: Caller?

    /// The key that was sent, where one is needed.
    var key: APIKey?

    /// The largest body the caller may send, in bytes.
    ///
    /// - Parameter limit: The server's own limit.
    /// - Returns: That, or the key's where it is smaller.
    func bodyLimit(_ limit: Int) -> Int {
        min(key?.bodyLimit ?? limit, limit)
    }
}
