import Testing

@testable import CorralLlamaServer

struct LineTests {
    private func lines(_ chunks: [String], limit: Int = 100) -> [String] {
        var splitter = LineSplitter(limit: limit)
        var lines: [String] = []
        for chunk in chunks { splitter.append(chunk) { lines.append($0) } }
        splitter.finish { lines.append($0) }
        return lines
    }

    @Test func `lines do not depend on how bytes arrive`() {
        let text = "one\ntwo\r\n\nthrée\nfour"
        let whole = lines([text])
        #expect(whole == ["one", "two", "thrée", "four"])
        #expect(lines(text.unicodeScalars.map { String($0) }) == whole)
        #expect(lines(["on", "e\ntw", "o\r", "\n\nthrée\nfo", "ur"]) == whole)
    }

    @Test func `of a line that is too long the beginning is kept and the next is whole`() {
        #expect(lines(["abcdefgh\nij\n"], limit: 5) == ["abcde", "ij"])
        #expect(lines(["abc", "def", "gh\nij"], limit: 5) == ["abcde", "ij"])
    }

    @Test func `a carriage return alone is an empty line`() {
        #expect(lines(["\r\na\n"]) == ["", "a"])
    }

    @Test func `bytes that are not text are replaced`() {
        var splitter = LineSplitter(limit: 10)
        var lines: [String] = []
        ([0x61, 0xff, 0x62, 0x0a] as [UInt8]).withUnsafeBytes {
            splitter.append($0) { lines.append($0) }
        }
        #expect(lines == ["a\u{fffd}b"])
    }

    @Test func `a tail keeps the last lines in order`() {
        var tail = LogTail(capacity: 3)
        #expect(tail.recent == [])
        tail.append("1")
        tail.append("2")
        #expect(tail.recent == ["1", "2"])
        for number in 3...7 { tail.append("\(number)") }
        #expect(tail.recent == ["5", "6", "7"])
    }
}

extension LineSplitter {
    fileprivate mutating func append(_ text: String, _ body: (String) -> Void) {
        Array(text.utf8).withUnsafeBytes { append($0, body) }
    }
}
