/// Cuts what a process writes into lines, none longer than a bound.
///
/// Bytes that are not UTF-8 are replaced; of a line that is too long only the beginning is
/// kept, so that a process that never ends a line takes no memory.
struct LineSplitter: Sendable {
    /// The most bytes kept of one line.
    let limit: Int
    private var partial: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    /// Takes more bytes and hands on each line that they complete.
    mutating func append(_ bytes: some Collection<UInt8>, _ body: (String) -> Void) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            keep(rest[..<end])
            finish(body)
            rest = rest[rest.index(after: end)...]
        }
        keep(rest)
    }

    private mutating func keep(_ bytes: some Collection<UInt8>) {
        partial.append(contentsOf: bytes.prefix(limit - partial.count))
    }

    /// Hands on what is left, if anything is.
    mutating func finish(_ body: (String) -> Void) {
        guard !partial.isEmpty else { return }
        if partial.last == UInt8(ascii: "\r") { partial.removeLast() }
        body(String(decoding: partial, as: UTF8.self))
        partial.removeAll(keepingCapacity: partial.capacity <= 1 << 16)
    }
}
