import Testing

@testable import CorralJSON

@Suite struct JSONScannerTests {
    private func scan(
        _ text: String,
        _ names: Set<String> = ["model"]
    ) throws -> [String: JSONField] {
        try JSONScanner.fields(named: names, of: Array(text.utf8).span)
    }

    private func model(in text: String) throws -> String? {
        let bytes = Array(text.utf8)
        return try JSONScanner.fields(named: ["model"], of: bytes.span)["model"]?
            .string(in: bytes.span)
    }

    @Test(arguments: [
        #"{"model":"a"}"#, #"  { "model" : "a" }  "#, #"{"x":{"model":"b"},"model":"a"}"#,
        #"{"model":"b","model":"a"}"#, #"{"x":[[{"model":"b"}],"model"],"model":"a"}"#,
        #"{"mod\u0065l":"a"}"#, #"{"model":"\u0061"}"#, #"{"x":"\"model\":\"b","model":"a"}"#,
        "\u{FEFF}{\"model\":\"a\"}", #"{"model":"a","x":-1.5e+3,"y":[],"z":{}}"#,
    ])
    func `the last member of the name at the top counts`(text: String) throws {
        #expect(try model(in: text) == "a")
    }

    @Test func `escapes are undone in values`() throws {
        #expect(
            try model(in: #"{"model":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é"}"#)
                == "\"\\/\u{8}\u{c}\n\r\té😀é"
        )
    }

    @Test func `a member that is not a text has no text`() throws {
        for value in ["1", "true", "null", "[]", "{}", "\"\""] {
            #expect(try model(in: "{\"model\":\(value)}") == (value == "\"\"" ? "" : nil))
        }
    }

    @Test(arguments: [
        ("", 0), ("{", 1), ("[]", 0), ("nul", 0), (#"{"a"}"#, 4), (#"{"a":}"#, 5),
        (#"{"a":1,}"#, 7), (#"{"a":1}x"#, 7), (#"{"a":01}"#, 6), (#"{"a":1.}"#, 7),
        (#"{"a":-}"#, 6), (#"{"a":1e}"#, 7), (#"{"a":tru}"#, 5), (#"{"a":"\x"}"#, 6),
        (#"{"a":"\u12g4"}"#, 6), (#"{"a":"\ud800"}"#, 6), (#"{"a":"\udc00"}"#, 6),
        ("{\"a\":\"\n\"}", 6), (#"{"a":[1,]}"#, 8), (#"{"a":[1}"#, 7), (#"{"a":{"b":1]}"#, 11),
        (#"{a:1}"#, 1), (#"{"a":"b"#, 7), (#"{"a" 1}"#, 5), (#"{"a":1 "b":2}"#, 7),
    ])
    func `an error says where`(text: String, offset: Int) {
        let error = #expect(throws: JSONScanError.self) { try scan(text) }
        #expect(error?.offset == offset, "\(text): \(String(describing: error))")
    }

    @Test func `nesting ends at its limit and not in the stack`() throws {
        func nested(_ levels: Int) -> String {
            "{\"a\":" + String(repeating: "[", count: levels - 1)
                + String(repeating: "]", count: levels - 1) + "}"
        }
        #expect(try scan(nested(JSONScanner.maximumDepth)).isEmpty)
        #expect(throws: JSONScanError.self) { try scan(nested(JSONScanner.maximumDepth + 1)) }
        #expect(throws: JSONScanError.self) {
            try scan("{\"a\":" + String(repeating: "[{\"a\":", count: 1_000_000))
        }
    }

    @Test func `a long name that nobody asked for is not decoded`() throws {
        let name = String(repeating: "x", count: 1_000_000)
        #expect(try scan("{\"\(name)\":1,\"model\":\"a\"}").keys.sorted() == ["model"])
    }

    @Test func `ranges hold the value with its quotes or brackets`() throws {
        let text = #"{"a": "b" ,"c": [1, 2] ,"d":{"e":1}}"#
        let fields = try scan(text, ["a", "c", "d"])
        let bytes = Array(text.utf8)
        let values = fields.mapValues { String(decoding: bytes[$0.range], as: UTF8.self) }
        #expect(values == ["a": "\"b\"", "c": "[1, 2]", "d": #"{"e":1}"#])
    }

    @Test func `text that is not UTF-8 is no name`() throws {
        let bytes = Array(#"{"model":""#.utf8) + [0xFF, 0xFE] + Array("\"}".utf8)
        let field = try #require(
            try JSONScanner.fields(named: ["model"], of: bytes.span)["model"]
        )
        #expect(field.string(in: bytes.span) == nil)
    }

    @Test func `every byte that ends plain text is seen at every place`() {
        for byte in UInt8.min...UInt8.max {
            let isSpecial = byte < 0x20 || byte == 0x22 || byte == 0x5C
            for count in 1...20 {
                for position in 0..<count {
                    var bytes = [UInt8](repeating: 0x7F, count: count)
                    bytes[position] = byte
                    let end = PlainText.end(in: bytes.span, from: 0)
                    #expect(end == (isSpecial ? position : count), "\(byte) at \(position)")
                }
            }
        }
    }

    @Test func `texts of a list are found behind escapes, and anything else in it is refused`() {
        func strings(_ text: String) -> [String]? {
            let bytes = Array(text.utf8)
            return JSONText.strings(bytes.span, 0..<bytes.count)
        }
        #expect(strings(#"[ "a" ,"b\"]c\\","é\u00e9"]"#) == ["a", "b\"]c\\", "éé"])
        #expect(strings("[]") == [])
        #expect(strings(#"["a", null]"#) == nil)
        #expect(strings(#"[["a"]]"#) == nil)
    }
}
