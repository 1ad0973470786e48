import Testing

@testable import CorralServer

@Suite struct NearestNamesTests {
    static let names = [
        "qwen3-8b", "qwen3-14b", "smollm2-135m-instruct", "all-minilm-l6-v2", "bge",
    ]

    @Test(arguments: [
        ("smollm2-135m-instrct", ["smollm2-135m-instruct"]),
        ("QWEN3-8", ["qwen3-8b", "qwen3-14b"]),
        ("minilm", ["all-minilm-l6-v2"]),
        ("library/bge:latest", ["bge"]),
        ("gpt-4o", []), ("", []),
    ])
    func `what is near is offered, the nearest first`(name: String, expected: [String]) {
        #expect(NearestNames.to(name, among: Self.names) == expected)
    }

    @Test func `no more than three are offered, each once`() {
        let names = (1...9).map { "model-\($0)" } + ["model-1"]
        #expect(NearestNames.to("model-0", among: names) == ["model-1", "model-2", "model-3"])
    }

    @Test(arguments: [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)])
    func `distances are Levenshtein's`(first: String, second: String, distance: Int) {
        #expect(NearestNames.distance(Array(first.utf8), Array(second.utf8)) == distance)
    }
}
