import Testing

@testable import CorralLlama

@Suite("Tokens' bytes as text")
struct TextAssemblerTests {
    /// Every way of cutting bytes into two tokens, and one byte a token.
    private func cuts(_ bytes: [UInt8]) -> [[[UInt8]]] {
        (0...bytes.count).map { [Array(bytes.prefix($0)), Array(bytes.dropFirst($0))] }
            + [bytes.map { [$0] }]
    }

    @Test("a character is never cut, wherever tokens end")
    func characters() {
        let text = "a é 羊 🦙 z"
        for pieces in cuts(Array(text.utf8)) {
            var assembler = TextAssembler(stops: [])
            var made: [String] = pieces.map { assembler.append($0) }
            made.append(assembler.finish())
            #expect(made.joined() == text)
            #expect(!made.contains { $0.unicodeScalars.contains("\u{FFFD}") })
        }
    }

    @Test("a stop ends the text however tokens cut it, and is no part of it")
    func stops() {
        for pieces in cuts(Array("Hello </s> World".utf8)) {
            var assembler = TextAssembler(stops: ["</s>", "World"])
            var made = pieces.map { assembler.append($0) }.joined()
            made += assembler.isStopped ? "" : assembler.finish()
            #expect(made == "Hello ")
            #expect(assembler.isStopped)
        }
    }

    @Test("what only began like a stop is given out")
    func falseAlarm() {
        var assembler = TextAssembler(stops: ["END."])
        #expect(assembler.append(Array("the EN".utf8)) == "the ")
        #expect(assembler.append(Array("D?".utf8)) == "END?")
        #expect(assembler.append(Array("EN".utf8)).isEmpty)
        #expect(assembler.finish() == "EN")
    }

    @Test("the first of two stops counts, not the one found first")
    func firstOfTwo() {
        var assembler = TextAssembler(stops: ["long stop", "stop"])
        #expect(assembler.append(Array("a long stop".utf8)) == "a ")
        #expect(assembler.isStopped)
    }

    @Test("bytes that are no text become replacement characters, and do not hold others back")
    func noText() {
        var assembler = TextAssembler(stops: [])
        let text = assembler.append([0x61, 0xFF, 0x62])
        #expect(text == "a\u{FFFD}b")
        #expect(assembler.append([0xF0, 0x9F]).isEmpty)
        #expect(assembler.finish() == "\u{FFFD}")
    }
}
