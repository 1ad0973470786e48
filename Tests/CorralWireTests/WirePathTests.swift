import CorralWire
import Testing

@Suite struct WirePathTests {
    @Test func `a query is encoded, and what is not given is left out`() {
        let path = WirePath.query("/p", ["model": "a b&c=é", "role": nil, "context": "8"])
        #expect(path == "/p?context=8&model=a%20b%26c%3D%C3%A9")
        #expect(WirePath.query("/p", ["role": nil]) == "/p")
    }

    @Test(arguments: ["", "a", "org/näme:q4", "100%", "a+b ~_-.", "\u{1F40E}"])
    func `what was percent-encoded is decoded to the same`(text: String) {
        #expect(text.addingPercentEncoding.removingPercentEncoding == text)
    }

    @Test(arguments: ["%", "%4", "%zz", "%ff", "a%C3"])
    func `what is no percent-encoding is none`(text: String) {
        #expect(text.removingPercentEncoding == nil)
    }
}
