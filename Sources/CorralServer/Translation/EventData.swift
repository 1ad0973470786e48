import NIOCore

/// What the events of a stream say (HTML standard, section 9.2.6).
enum EventData {
    /// Takes the data out of events; comments and names of events are passed over,
    /// and so is the mark of the end.
    ///
    /// - Parameter events: Whole events.
    /// - Returns: The data of each event, which models write in one line.
    static func lines(_ events: ByteBuffer) -> [ByteBuffer] {
        var events = events
        var lines: [ByteBuffer] = []
        while events.readableBytes > 0 {
            let length = events.readableBytesView.firstIndex(of: UInt8(ascii: "\n"))
                .map { $0 - events.readerIndex }
            guard var line = events.readSlice(length: length ?? events.readableBytes) else { break }
            if length != nil { events.moveReaderIndex(forwardBy: 1) }
            guard take("data:", from: &line) || take("error:", from: &line) else { continue }
            _ = take(" ", from: &line)
            if line.readableBytesView.last == UInt8(ascii: "\r") {
                line.moveWriterIndex(to: line.writerIndex - 1)
            }
            if line.readableBytesView.elementsEqual("[DONE]".utf8) { continue }
            lines.append(line)
        }
        return lines
    }

    private static func take(_ prefix: String, from line: inout ByteBuffer) -> Bool {
        guard line.readableBytesView.starts(with: prefix.utf8) else { return false }
        line.moveReaderIndex(forwardBy: prefix.utf8.count)
        return true
    }
}
