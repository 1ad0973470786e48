package import NIOCore

/// Puts a model's answer into the shape of another API.
///
/// Models speak OpenAI's shapes; a translation is made for one answer and lives as
/// long as that.
package protocol AnswerTranslation: Sendable {
    /// The content type of a translated stream.
    static var streamType: String { get }

    /// Translates a whole answer.
    ///
    /// - Throws: ``RequestError`` where it is not what models answer with.
    mutating func whole(_ body: ByteBuffer) throws(RequestError) -> ByteBuffer

    /// Translates some whole server-sent events.
    ///
    /// - Returns: What is to be sent now, or nothing.
    /// - Throws: ``RequestError`` where the model reports that it failed.
    mutating func events(_ events: ByteBuffer) throws(RequestError) -> ByteBuffer

    /// What is to be sent behind the last event.
    ///
    /// - Throws: ``RequestError`` where the model's stream ended before its answer did.
    mutating func end() throws(RequestError) -> ByteBuffer
}

extension AnswerTranslation {
    package static var streamType: String { "application/json" }

    package mutating func events(_ events: ByteBuffer) throws(RequestError) -> ByteBuffer { events }

    package mutating func end() throws(RequestError) -> ByteBuffer { ByteBuffer() }
}
