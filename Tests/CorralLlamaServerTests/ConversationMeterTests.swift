import CorralCache
import Testing

@testable import CorralLlamaServer

@Suite struct ConversationMeterTests {
    private func meter(_ lines: [String]) -> ConversationMeter {
        lines.reduce(into: ConversationMeter()) { $0.read($1) }
    }

    private static let timing = """
        0.14.055.319 I slot print_timing: id  3 | task 0 | prompt eval time =    500.00 ms /   100 \
        tokens (    5.00 ms per token,   200.00 tokens per second)
        """
    private static let release = """
        0.14.055.388 I slot      release: id  3 | task 0 | stop processing: n_tokens = 144, \
        truncated = 0
        """

    @Test func `what the slots hold is worth the time it takes at the speed that was seen`() {
        let state = meter([Self.timing, Self.release]).state
        #expect(state.tokens == 144)
        #expect(state.tokensPerSecond == 200)
        #expect(state.seconds == 0.72)
    }

    @Test func `a slot holds what its last task left, and slots add up`() {
        let other = Self.release.replacing("id  3", with: "id  0").replacing("144", with: "56")
        let again = Self.release.replacing("144", with: "20")
        #expect(meter([Self.release, other]).state.tokens == 200)
        #expect(meter([Self.release, other, again]).state.tokens == 76)
    }

    @Test func `the time of generating, short prompts and other lines say nothing of the speed`() {
        let state = meter([
            Self.timing.replacing("prompt eval time", with: "       eval time"),
            Self.timing.replacing("/   100", with: "/     8"),
            Self.timing.replacing("500.00 ms /", with: "nan ms /"),
            "0.05.678.647 I slot launch_slot_: id  3 | task 0 | processing task, is_child = 0",
            "prompt eval time = 5 ms / 100 tokens", "slot |", "", "| n_tokens = 9999999999999999",
        ]).state
        #expect(state.tokens == 0)
        #expect(state.tokensPerSecond == nil)
        #expect(state.seconds == 0)
    }
}
