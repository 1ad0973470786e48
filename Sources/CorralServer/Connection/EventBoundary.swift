import NIOCore

/// Lets only whole server-sent events through, so that an error of the server's own can
/// follow at any time as an event.
///
/// llama-server writes whole events, and then nothing is held back or copied.
struct EventBoundary {
    /// The longest beginning of an event that is held back, in bytes; what is
    /// longer passes in pieces.
    static let limit = 1 << 20

    private var held = ByteBuffer()

    /// Takes the next chunk.
    ///
    /// - Returns: What may be sent now, or `nil` when nothing may.
    mutating func pass(_ chunk: ByteBuffer) -> ByteBuffer? {
        var chunk = chunk
        if held.readableBytes > 0 {
            held.writeBuffer(&chunk)
            chunk = held
            held = ByteBuffer()
        }
        let end = Self.endOfLastEvent(chunk.readableBytesUInt8Span)
        guard let end, end < chunk.readableBytes else {
            if end != nil || chunk.readableBytes > Self.limit { return chunk }
            held = chunk
            return nil
        }
        let whole = chunk.readSlice(length: end)
        held = chunk
        return whole
    }

    /// The bytes behind the last whole event, once the stream has ended.
    mutating func rest() -> ByteBuffer? {
        defer { held = ByteBuffer() }
        return held.readableBytes > 0 ? held : nil
    }

    /// Where the last event ends: after two line ends in a row.
    private static func endOfLastEvent(_ bytes: Span<UInt8>) -> Int? {
        var position = bytes.count
        while position >= 2 {
            if bytes[position - 1] == 0x0A {
                if bytes[position - 2] == 0x0A { return position }
                if position >= 4, bytes[position - 2] == 0x0D, bytes[position - 3] == 0x0A {
                    return position
                }
            }
            position -= 1
        }
        return nil
    }
}
