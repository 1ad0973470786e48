/// Makes text of tokens' bytes: whole characters only, and nothing of a stop.
///
/// A token may end in the middle of a character, and a stop may begin in one token and end in
/// another, so bytes are held back until it is known what they are.
struct TextAssembler: Sendable {
    private let stops: [[UInt8]]
    private var held: [UInt8] = []

    /// Whether a stop has been found; what follows is not text.
    private(set) var isStopped = false

    init(stops: [String]) {
        self.stops = stops.map { Array($0.utf8) }.filter { !$0.isEmpty }
    }

    /// Takes a token's bytes and returns the text that is certain now.
    mutating func append(_ bytes: [UInt8]) -> String {
        guard !isStopped else { return "" }
        // A stop that ends in these bytes begins at most its own length before them.
        let longest = stops.map(\.count).max() ?? 0
        let begin = max(0, held.count - longest)
        held += bytes
        if let place = firstStop(from: begin) {
            isStopped = true
            held.removeSubrange(place...)
            return finish()
        }
        let certain = min(held.count - heldForStop, Self.completeCount(held))
        return take(max(0, certain))
    }

    /// Returns what was held back: the answer ends, and with it every chance of a stop.
    mutating func finish() -> String { take(held.count) }

    private mutating func take(_ count: Int) -> String {
        defer { held.removeFirst(count) }
        return String(decoding: held.prefix(count), as: UTF8.self)
    }

    private func firstStop(from begin: Int) -> Int? {
        stops.compactMap { stop in
            (begin..<max(begin, held.count)).first { held[$0...].starts(with: stop) }
        }.min()
    }

    /// How many of the last bytes may be the beginning of a stop.
    private var heldForStop: Int {
        stops.map { stop in
            (1..<max(1, min(stop.count, held.count + 1))).last {
                held.suffix($0).elementsEqual(stop.prefix($0))
            } ?? 0
        }.max() ?? 0
    }

    /// How many of the bytes are whole characters, or never will be.
    static func completeCount(_ bytes: [UInt8]) -> Int {
        // The last byte that begins a character, among the last four.
        for back in 1...4 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            let length: Int
            switch byte {
            case 0x00...0x7F: length = 1
            case 0xC2...0xDF: length = 2
            case 0xE0...0xEF: length = 3
            case 0xF0...0xF4: length = 4
            case 0x80...0xBF: continue
            default: return bytes.count
            }
            return length > back ? bytes.count - back : bytes.count
        }
        return bytes.count
    }
}
