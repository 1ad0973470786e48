import CorralTesting
import Testing

@testable import CorralLlama

@Suite("What is computed next for several conversations")
struct ChatSchedulerTests {
    private func prompt(_ seed: Int, _ count: Int) -> [Token] {
        (0..<count).map { Token(seed * 1000 + $0) }
    }

    @Test("conversations side by side get the answers they get alone")
    func sideBySide() {
        var context = ScriptedContext()
        for id in 1...7 {
            let refusal = context.request(UInt64(id), prompt(id, 5 + 7 * id), most: 3 * id)
            #expect(refusal == nil)
        }
        context.run()
        for id in 1...7 {
            let alone = ScriptedContext.answer(to: prompt(id, 5 + 7 * id), count: 3 * id)
            #expect(context.answers[UInt64(id)] == alone)
        }
    }

    @Test("one step makes a token of every answer")
    func batching() {
        var context = ScriptedContext()
        for id in 1...4 { _ = context.request(UInt64(id), prompt(id, 4), most: 10) }
        context.run()
        // The prompts together, then nine more tokens of each.
        #expect(context.batches == 10)
    }

    @Test("a prompt does not stop the answers of others")
    func longPrompt() {
        var context = ScriptedContext()
        _ = context.request(1, prompt(1, 4), most: 20)
        _ = context.step()
        _ = context.request(2, prompt(2, 150), most: 1)
        let before = context.answers[1]?.count ?? 0
        _ = context.step()
        _ = context.step()
        #expect(context.answers[1]?.count == before + 2)
    }

    @Test("what two prompts have in common is computed once, even when both come at once")
    func commonPrefix() {
        var context = ScriptedContext(contextTokens: 1024)
        let shared = prompt(9, 150)
        for id in 1...4 { _ = context.request(UInt64(id), shared + prompt(id, 10), most: 1) }
        context.run()
        #expect(context.computed == 150 + 4 * 10)
        #expect((2...4).allSatisfy { context.reused[UInt64($0)] == 150 })
        for id in 1...4 {
            let alone = ScriptedContext.answer(to: shared + prompt(id, 10), count: 1)
            #expect(context.answers[UInt64(id)] == alone)
        }
    }

    @Test("shared tokens take room once")
    func sharedRoom() {
        var context = ScriptedContext(contextTokens: 256)
        let shared = prompt(9, 200)
        for id in 1...4 { _ = context.request(UInt64(id), shared + prompt(id, 3), most: 4) }
        context.run()
        // Alone, three of them would have been started over.
        #expect(context.computed <= 200 + 4 * (3 + 3))
    }

    @Test("the next turn of a conversation computes only what is new")
    func nextTurn() {
        var context = ScriptedContext()
        _ = context.request(1, prompt(1, 40), most: 5)
        context.run()
        let answer = context.answers[1] ?? []
        let computed = context.computed
        _ = context.request(2, prompt(1, 40) + answer + prompt(2, 6), most: 1)
        context.run()
        // The answer's last token was chosen, but never read.
        #expect(context.computed - computed == 7)
        #expect(context.reused[2] == 44)
    }

    @Test("another conversation takes the slot unused longest, not the one just used")
    func sparesRecent() {
        var context = ScriptedContext(slots: 2, contextTokens: 512)
        _ = context.request(1, prompt(1, 40), most: 1)
        context.run()
        _ = context.request(2, prompt(2, 40), most: 1)
        context.run()
        _ = context.request(3, prompt(3, 40), most: 1)
        context.run()
        _ = context.request(4, prompt(2, 40) + prompt(4, 5), most: 1)
        context.run()
        #expect(context.reused[4] == 40)
    }

    @Test("where states cannot be cut back, only a whole one is gone on with")
    func wholeOnly() {
        var context = ScriptedContext(slots: 1, reuse: .wholeOnly, canShift: false)
        _ = context.request(1, prompt(1, 40), most: 1)
        context.run()
        _ = context.request(2, prompt(1, 40) + prompt(2, 4), most: 1)
        context.run()
        #expect(context.reused[2] == 40)
        _ = context.request(3, prompt(1, 20) + prompt(3, 4), most: 1)
        context.run()
        #expect(context.reused[3] == 0)
        let alone = ScriptedContext.answer(to: prompt(1, 20) + prompt(3, 4), count: 1)
        #expect(context.answers[3] == alone)
    }

    @Test("a prompt as long as the context is refused, saying how long it may be")
    func tooLong() {
        var context = ScriptedContext(contextTokens: 100)
        #expect(context.request(1, prompt(1, 100)) == 99)
        #expect(context.request(2, prompt(1, 99), most: 5) == nil)
        context.run()
        #expect(context.ended[2] == .contextFull)
        #expect(context.answers[2]?.count == 2)
    }

    @Test("shifting goes on for as long as is asked, and keeps the beginning")
    func shifting() {
        var context = ScriptedContext(slots: 1, contextTokens: 64)
        let long = prompt(1, 80)
        let refusal = context.request(1, long, most: 200, overflow: .shift(keeping: 10))
        #expect(refusal == nil)
        context.run()
        #expect(context.answers[1]?.count == 200)
        #expect(context.memory[0].prefix(10).elementsEqual(long.prefix(10)))
    }

    @Test("answers that outgrow the context together wait for each other and come out whole")
    func preemption() {
        var context = ScriptedContext(slots: 4, contextTokens: 100)
        for id in 1...4 { _ = context.request(UInt64(id), prompt(id, 20), most: 60) }
        context.run()
        for id in 1...4 {
            let alone = ScriptedContext.answer(to: prompt(id, 20), count: 60)
            #expect(context.answers[UInt64(id)] == alone)
        }
    }

    @Test("a request that ends early leaves its slot to the next")
    func cancellation() {
        var context = ScriptedContext(slots: 1)
        _ = context.request(1, prompt(1, 10), most: 1000)
        _ = context.request(2, prompt(2, 10), most: 2)
        for _ in 0..<5 { _ = context.step() }
        context.end(1, .stop)
        context.run()
        #expect(context.answers[2] == ScriptedContext.answer(to: prompt(2, 10), count: 2))
    }

    @Test("what was restored is not computed")
    func restored() {
        var context = ScriptedContext()
        context.memory[2] = prompt(1, 50)
        context.scheduler.restored(prompt(1, 50), into: 2)
        _ = context.request(1, prompt(1, 50) + prompt(2, 3), most: 1)
        context.run()
        #expect(context.computed == 3)
    }

    @Test("any mixture of requests is answered as if each were alone", arguments: 0..<40)
    func anyMixture(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let slots = Int.random(in: 1...5, using: &random)
        let tokens = Int.random(in: 60...300, using: &random)
        var context = ScriptedContext(
            slots: slots,
            contextTokens: tokens,
            batchTokens: Int.random(in: 8...80, using: &random),
            reuse: Bool.random(using: &random) ? .anyPrefix : .wholeOnly
        )
        let families = (0..<3).map { prompt($0, 200) }
        var asked: [UInt64: (prompt: [Token], most: Int)] = [:]
        for id in UInt64(1)...24 {
            let length = Int.random(in: 1...min(tokens * 2 / 3, 180), using: &random)
            let begin = families[Int.random(in: 0..<3, using: &random)].prefix(length)
            let text = Array(begin) + prompt(50 + Int(id), Int.random(in: 0...8, using: &random))
            let most = Int.random(in: 1...20, using: &random)
            if context.request(id, text, most: most) == nil { asked[id] = (text, most) }
            for _ in 0..<Int.random(in: 0...6, using: &random) { _ = context.step() }
            if Int.random(in: 0..<8, using: &random) == 0, let some = asked.keys.min() {
                context.end(some, .stop)
                asked[some] = nil
            }
        }
        context.run()
        for (id, request) in asked {
            let answer = context.answers[id] ?? []
            let alone = ScriptedContext.answer(to: request.prompt, count: request.most)
            #expect(answer.elementsEqual(alone.prefix(answer.count)))
            #expect(answer.count == request.most || context.ended[id] == .contextFull)
        }
    }

    @Test("an answer whose reader has enough is not gone on with, and others are")
    func held() {
        var context = ScriptedContext()
        for id in 1...2 { _ = context.request(UInt64(id), prompt(id, 10), most: 40) }
        for _ in 0..<5 { _ = context.step() }
        context.scheduler.held(1)
        let before = context.answers[1]?.count
        for _ in 0..<100 where context.ended[2] == nil { _ = context.step() }
        #expect(context.answers[1]?.count == before)
        #expect(context.answers[2] == ScriptedContext.answer(to: prompt(2, 10), count: 40))
        let isBusy = context.step()
        #expect(!isBusy, "there is nothing to do until the reader wants more")
        context.scheduler.resumed(1)
        context.run()
        #expect(context.answers[1] == ScriptedContext.answer(to: prompt(1, 10), count: 40))
    }

    @Test("an answer whose reader has enough makes room first, though it came first")
    func heldMakesRoom() {
        var context = ScriptedContext(slots: 2, contextTokens: 128, batchTokens: 128)
        _ = context.request(1, prompt(1, 50), most: 20)
        for _ in 0..<10 { _ = context.step() }
        context.scheduler.held(1)
        _ = context.request(2, prompt(2, 40), most: 60)
        for _ in 0..<200 where context.ended[2] == nil { _ = context.step() }
        #expect(context.answers[2] == ScriptedContext.answer(to: prompt(2, 40), count: 60))
        context.scheduler.resumed(1)
        context.run()
        #expect(context.answers[1] == ScriptedContext.answer(to: prompt(1, 50), count: 20))
    }

    @Test("a token is added in place: what came before is not copied for each")
    func inPlace() {
        var context = ScriptedContext(slots: 1, contextTokens: 4096)
        _ = context.request(1, prompt(1, 4), most: 2000)
        var places: [UnsafeRawPointer?] = []
        for token in 0..<2000 {
            _ = context.scheduler.chose(Token(token), for: 1)
            context.scheduler.requests[1]?.tokens.withUnsafeBytes { places.append($0.baseAddress) }
        }
        let moves = zip(places, places.dropFirst()).count { $0 != $1 }
        #expect(moves < 32, "an array that grows by itself moves a dozen times")
    }
}
