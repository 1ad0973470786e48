package import NIOCore

/// Reads the payloads of server-sent events (HTML Living Standard, section 9.2.6), however their
/// bytes are cut into chunks.
///
/// Names of events and comments are passed over. llama-server puts errors of a stream behind
/// `error:` in place of `data:`; they count as payloads.
package struct EventStream: Sendable {
    private var unread = ByteBuffer()
    private var payload: ByteBuffer?
    private var skipsLineFeed = false

    /// Begins at the start of a stream.
    package init() {}

    /// Takes the next bytes of the stream.
    ///
    /// - Returns: The payloads of the events that end in them.
    package mutating func feed(_ bytes: ByteBuffer) -> [ByteBuffer] {
        if unread.readableBytes == 0 { unread = bytes } else { unread.writeImmutableBuffer(bytes) }
        var finished: [ByteBuffer] = []
        while let line = nextLine() {
            if line.readableBytes > 0 {
                take(line)
            } else if let payload = payload.take() {
                finished.append(payload)
            }
        }
        return finished
    }

    /// The stream has ended.
    ///
    /// - Returns: The payload of an event that no empty line followed.
    package mutating func finish() -> ByteBuffer? {
        if unread.readableBytes > 0 { take(unread) }
        unread = ByteBuffer()
        return payload.take()
    }

    /// A line without its end: a line feed, a carriage return, or both.
    private mutating func nextLine() -> ByteBuffer? {
        if skipsLineFeed, unread.readableBytesView.first == UInt8(ascii: "\n") {
            unread.moveReaderIndex(forwardBy: 1)
            skipsLineFeed = false
        }
        let view = unread.readableBytesView
        guard
            let end = view.firstIndex(where: {
                $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r")
            })
        else { return nil }
        let line = unread.readSlice(length: end - view.startIndex)
        skipsLineFeed = view[end] == UInt8(ascii: "\r")
        unread.moveReaderIndex(forwardBy: 1)
        return line
    }

    private mutating func take(_ line: ByteBuffer) {
        var line = line
        guard Self.skip("data:", in: &line) || Self.skip("error:", in: &line) else { return }
        _ = Self.skip(" ", in: &line)
        guard var payload else { return self.payload = line }
        payload.writeStaticString("\n")
        payload.writeBuffer(&line)
        self.payload = payload
    }

    private static func skip(_ prefix: String, in line: inout ByteBuffer) -> Bool {
        guard line.readableBytesView.starts(with: prefix.utf8) else { return false }
        line.moveReaderIndex(forwardBy: prefix.utf8.count)
        return true
    }
}
