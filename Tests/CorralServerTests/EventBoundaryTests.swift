import CorralTesting
import NIOCore
import Testing

@testable import CorralServer

@Suite struct EventBoundaryTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `however a stream is cut, it passes whole and in whole events`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let ends = ["\n\n", "\r\n\r\n"]
        let stream = (0..<30).map { index in
            "event: e\ndata: \(String(repeating: "x", count: index % 7))"
                + ends[Int.random(in: 0..<2, using: &generator)]
        }.joined()
        var bytes = Array(stream.utf8)[...]
        var boundary = EventBoundary()
        var passed = ""
        while !bytes.isEmpty {
            let count = Int.random(in: 1...min(40, bytes.count), using: &generator)
            if let events = boundary.pass(ByteBuffer(bytes: bytes.prefix(count))) {
                let text = String(buffer: events)
                #expect(ends.contains { text.hasSuffix($0) }, "seed \(seed)")
                passed += text
            }
            bytes = bytes.dropFirst(count)
        }
        #expect(boundary.rest() == nil, "seed \(seed)")
        #expect(passed == stream, "seed \(seed)")
    }

    @Test func `whole events pass at once`() {
        var boundary = EventBoundary()
        let chunk = ByteBuffer(string: "data: 1\n\ndata: 2\n\n")
        #expect(boundary.pass(chunk) == chunk)
    }

    @Test func `the rest is what no event end followed`() {
        var boundary = EventBoundary()
        #expect(
            boundary.pass(ByteBuffer(string: "data: 1\n\ndata"))
                == ByteBuffer(string: "data: 1\n\n")
        )
        #expect(boundary.rest() == ByteBuffer(string: "data"))
        #expect(boundary.rest() == nil)
    }

    @Test func `no more than its limit is held back`() {
        var boundary = EventBoundary()
        let half = ByteBuffer(repeating: 0x78, count: EventBoundary.limit / 2 + 1)
        #expect(boundary.pass(half) == nil)
        #expect(boundary.pass(half)?.readableBytes == EventBoundary.limit + 2)
    }
}
