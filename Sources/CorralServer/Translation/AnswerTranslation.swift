import NIOCore

/// Turns what a model answers into what the clients of another API expect.
///
/// Models speak OpenAI's shapes; a translation is made for one answer and lives as
/// long as that.
protocol AnswerTranslation: Sendable {
    /// The type of a stream's content.
    static var streamType: String { get }

    /// Translates a whole answer.
    ///
    /// - Throws: ``RequestError`` where the model's answer is none.
    mutating func whole(_ body: ByteBuffer) throws(RequestError) -> ByteBuffer

    /// Translates some whole server-sent events.
    ///
    /// - Returns: What is to be sent now, or nothing.
    /// - Throws: ``RequestError`` where the model reports that it failed.
    mutating func events(_ events: ByteBuffer) throws(RequestError) -> ByteBuffer

    /// What is to be sent once the model has said all.
    ///
    /// - Throws: ``RequestError`` where something is missing.
    mutating func end() throws(RequestError) -> ByteBuffer
}

extension AnswerTranslation {
    static var streamType: String { "application/json" }

    mutating func events(_ events: ByteBuffer) throws(RequestError) -> ByteBuffer { events }

    mutating func end() throws(RequestError) -> ByteBuffer { ByteBuffer() }
}

extension RequestError {
    /// What a client is told of an answer that no translation knows.
    static func unknownAnswer(_ what: String) -> RequestError {
        RequestError(.modelFailed, "The model's answer makes no sense: \(what).")
    }
}
