import CorralMemory
import CorralPlanner
import Testing

@testable import CorralLlamaServer

struct MemoryObserverTests {
    @Test func `the most tokens a slot held are read from the metrics`() {
        let text = """
            # HELP llamacpp:n_tokens_max Largest observed n_tokens.
            # TYPE llamacpp:n_tokens_max counter
            llamacpp:n_tokens_max 504
            llamacpp:requests_processing 0
            """
        #expect(MemoryObserver.largestPrompt(text) == 504)
        #expect(MemoryObserver.largestPrompt("llamacpp:n_tokens_max many") == nil)
        #expect(MemoryObserver.largestPrompt("") == nil)
    }

    @Test func `a batch is full when its tokens are, or the context`() throws {
        let usual = try Sizing.plan(LlamaServerOptions(LoadSettings(contextTokens: 4096)))
        #expect((480...512).contains(usual.fullBatch))
        let short = try Sizing.plan(LlamaServerOptions(LoadSettings(contextTokens: 256)))
        #expect((240...256).contains(short.fullBatch))
    }

    @Test func `a process is asked when it has grown, and else once in many answers`() {
        var observed = ObservedMemory()
        let held = ByteCount.mebibytes(100)
        let sizes = [held, held + .kibibytes(100), held + .mebibytes(1)]
        let told = sizes.map { observed.isNews($0) }
        #expect(told == [true, false, true])
        // What is given back is no news, and growing back to it neither.
        let answers = (1...200).map { _ in observed.isNews(held) }
        #expect((2...4).contains(answers.count { $0 }))
    }

    @Test func `a model without a file, or an engine without a name, has nothing to correct`()
        throws
    {
        let plan = try Sizing.plan()
        #expect(plan.correctionSubject(engine: "llama.cpp b1") == nil)
        #expect(plan.correctionSubject(engine: nil) == nil)
    }
}
