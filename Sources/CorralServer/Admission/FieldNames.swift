import HTTPTypes

/// Headers that the server reads or writes.
extension HTTPField.Name {
    static let apiKey = Self(known: "x-api-key")
    static let host = Self(known: "host")
    static let keepAlive = Self(known: "x-corral-keep-alive")
    static let loadTime = Self(known: "x-corral-load-ms")
    static let model = Self(known: "x-corral-model")
    static let corralPriority = Self(known: "x-corral-priority")
    static let referrerPolicy = Self(known: "referrer-policy")
    static let next = Self(known: "x-corral-next")
    static let requestID = Self(known: "x-request-id")

    /// A name that is written in this file, so that a wrong one is found by the first test.
    private init(known name: String) {
        guard let field = Self(name) else { preconditionFailure("'\(name)' is no field name") }
        self = field
    }
}
