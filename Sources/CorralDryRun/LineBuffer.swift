/// Cuts what a process writes into lines, none longer than a bound.
struct LineBuffer: Sendable {
    /// The most bytes kept of one line.
    private let limit = 1 << 20
    private var partial: [UInt8] = []

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

    /// Hands on what is left, if anything is.
    mutating func finish(_ body: (String) -> Void) {
        guard !partial.isEmpty else { return }
        body(String(decoding: partial, as: UTF8.self))
        partial.removeAll()
    }

    private mutating func keep(_ bytes: some Collection<UInt8>) {
        partial.append(contentsOf: bytes.prefix(limit - partial.count))
    }
}
