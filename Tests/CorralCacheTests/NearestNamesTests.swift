import Testing

@testable import CorralCache

@Suite struct NearestNamesTests {
    static let names = [
        "qwen3-8b", "qwen3-14b", "smollm2-135m-instruct", "all-minilm-l6-v2", "bge",
        "gemma-3-1b-it", "gemma-3-4b-it", "tiny-random-reranker",
    ]

    @Test(arguments: [
        ("smollm2-135m-instrct", ["smollm2-135m-instruct"]),
        ("smollm", ["smollm2-135m-instruct"]),
        ("QWEN3-8", ["qwen3-8b", "qwen3-14b"]),
        ("gemma-3-4b-ti", ["gemma-3-4b-it", "gemma-3-1b-it"]),
        ("minilm", ["all-minilm-l6-v2"]),
        ("library/bge:latest", ["bge"]),
        ("gpt-4o", []), ("", []),
    ])
    func `what is near is offered, the nearest first`(name: String, expected: [String]) {
        #expect(NearestNames.nearest(to: name, among: Self.names) == expected)
    }

    @Test func `no more than three are offered, each once`() {
        let names = (1...9).map { "model-\($0)" } + ["model-1"]
        let nearest = NearestNames.nearest(to: "model-0", among: names)
        #expect(nearest == ["model-1", "model-2", "model-3"])
    }

    @Test(arguments: [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("abcd", "abdc", 1)])
    func `a swap of neighbours is one error like any other`(
        first: String,
        second: String,
        distance: Int
    ) {
        #expect(NearestNames.distance(first, second) == distance)
    }
}
