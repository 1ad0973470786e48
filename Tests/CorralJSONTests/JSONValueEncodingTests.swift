import CorralJSON
import Testing

/// Values written as JSON by their own conformance to `Encodable`.
@Suite struct JSONValueEncodingTests {
    private struct Part: Encodable {
        var shortName = "x"
        var missing: Int?
    }

    private struct Whole: Encodable {
        enum CodingKeys: CodingKey { case zebra, apple, nested, list, nothing }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(1, forKey: .zebra)
            try container.encode("é\n", forKey: .apple)
            var nested = container.nestedContainer(keyedBy: CodingKeys.self, forKey: .nested)
            try nested.encode(true, forKey: .apple)
            var list = container.nestedUnkeyedContainer(forKey: .list)
            try list.encode(Part())
            try list.encodeNil()
            try list.encode(2.5)
            #expect(list.count == 3)
            try container.encodeNil(forKey: .nothing)
            // A value may write itself in parts.
            try Part(missing: 4).encode(to: encoder)
        }
    }

    @Test func `members stand in the order they are encoded in`() {
        #expect(
            JSONValue(encoding: Whole()).text == #"""
                {"zebra":1,"apple":"é\n","nested":{"apple":true},\#
                "list":[{"short_name":"x"},null,2.5],"nothing":null,"short_name":"x","missing":4}
                """#
        )
    }

    @Test func `scalars and lists are written alone too`() {
        #expect(JSONValue(encoding: [1, 2]).text == "[1,2]")
        #expect(JSONValue(encoding: [String]()).text == "[]")
        #expect(JSONValue(encoding: "a").text == #""a""#)
        #expect(JSONValue(encoding: Double.nan).text == "null")
        #expect(JSONValue(encoding: UInt64.max).text == "\(Int64.max)")
        #expect(JSONValue(encoding: Int?.none).text == "null")
    }
}
