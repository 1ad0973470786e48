/// Finds the payloads in a stream of server-sent events (HTML Living Standard, 9.2.6), however
/// its bytes are cut into chunks.
struct EventLines {
    private var line: [UInt8] = []
    private var payload: [String] = []
    private var skipsLineFeed = false

    /// Takes the next bytes.
    ///
    /// - Returns: The payloads of the events that ended in them.
    mutating func feed(_ bytes: some Sequence<UInt8>) -> [String] {
        var finished: [String] = []
        for byte in bytes {
            // A carriage return ends a line, alone or before a line feed.
            if byte == UInt8(ascii: "\n"), skipsLineFeed {
                skipsLineFeed = false
                continue
            }
            skipsLineFeed = byte == UInt8(ascii: "\r")
            guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
                line.append(byte)
                continue
            }
            if line.isEmpty {
                if !payload.isEmpty { finished.append(payload.joined(separator: "\n")) }
                payload = []
            } else if line.starts(with: Array("data:".utf8)) {
                let text = String(decoding: line.dropFirst(5), as: UTF8.self)
                payload.append(text.hasPrefix(" ") ? String(text.dropFirst()) : text)
            }
            line = []
        }
        return finished
    }
}
