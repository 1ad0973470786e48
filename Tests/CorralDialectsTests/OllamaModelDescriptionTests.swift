import Testing

@testable import CorralDialects

/// Models as Ollama's clients see them.
@Suite struct OllamaModelDescriptionTests {
    @Test(arguments: [
        (UInt64(0), "unknown"), (999, "999"), (81_920, "82K"), (134_515_008, "134.52M"),
        (7_000_000_000, "7B"), (8_030_261_248, "8.0B"), (235_093_634_560, "235.1B"),
    ])
    func `sizes are written as Ollama writes them`(count: UInt64, text: String) {
        #expect(OllamaModelDescription.parameters(count) == text)
    }
}
