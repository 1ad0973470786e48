import CorralWire
import NIOCore
import Testing

/// Payloads of server-sent events.
@Suite struct EventStreamTests {
    private func payloads(_ texts: [String]) -> [String] {
        var stream = EventStream()
        var found = texts.flatMap { stream.feed(ByteBuffer(string: $0)) }
        if let last = stream.finish() { found.append(last) }
        return found.map { String(buffer: $0) }
    }

    @Test(arguments: [
        "event: x\r\ndata: one\r\n\r\n: note\ndata:two\ndata: lines\n\ndata: end\n\n",
        "data: one\r\rdata: two\rdata: lines\r\revent: y\r\rdata: end\r\r",
    ])
    func `payloads are found however the bytes are cut`(text: String) {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            let parts = [bytes[..<cut], bytes[cut...]].map { String(decoding: $0, as: UTF8.self) }
            #expect(payloads(parts) == ["one", "two\nlines", "end"], "cut at \(cut)")
        }
        let single = bytes.map { String(decoding: [$0], as: UTF8.self) }
        #expect(payloads(single) == ["one", "two\nlines", "end"])
    }

    @Test func `an event is given when it has ended, and the last one at the end`() {
        var stream = EventStream()
        #expect(stream.feed(ByteBuffer(string: "event: ping\n\ndata: unfinished\n")).isEmpty)
        #expect(stream.finish() == ByteBuffer(string: "unfinished"))
        #expect(stream.finish() == nil)
    }

    @Test func `an error of llama-server's is a payload`() {
        #expect(payloads(["error: {\"code\":500}\n\n"]) == ["{\"code\":500}"])
    }
}
