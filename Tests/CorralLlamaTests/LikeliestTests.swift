import CorralTesting
import Testing

@testable import CorralLlama

@Suite("The likeliest token")
struct LikeliestTests {
    @Test("it is the first of the largest, wherever it stands", arguments: [1, 7, 8, 9, 64, 1001])
    func first(count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        for _ in 0..<50 {
            let logits = (0..<count).map { _ in Float(Int.random(in: -20...20, using: &random)) }
            let largest = logits.max() ?? 0
            #expect(index(logits) == logits.firstIndex(of: largest))
        }
    }

    @Test("what is no number is never taken for a large one")
    func notANumber() {
        #expect(index([.nan, 1, 3, .nan, 2]) == 2)
        #expect(index([.nan, -.infinity]) == 1)
        #expect(index([.nan, 1, 3, .nan, 2] + Array(repeating: 0, count: 20)) == 2)
        #expect(index([]) == nil)
    }

    private func index(_ logits: [Float]) -> Int? { Likeliest.index(in: logits.span) }
}
