import CorralTesting
import Testing

@testable import CorralServer

/// Keys and what is kept of them.
@Suite struct KeyDigestTests {
    /// The examples of NIST's CAVP (SHA256ShortMsg.rsp and FIPS 180-2, appendix B).
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `digests are those of the standard's examples`(message: String, digest: String) {
        #expect(KeyDigest(of: message).description == digest)
    }

    /// FIPS 180-2, appendices B.2 and B.3, and the 896 bits of NIST's examples.
    @Test func `long messages give the standard's digests`() {
        let long =
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
            + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"
        #expect(
            KeyDigest(of: long).description
                == "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        )
        #expect(
            KeyDigest(of: String(repeating: "a", count: 1_000_000)).description
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        )
    }

    /// Where padding takes another block and where it does not, by another
    /// implementation (OpenSSL's).
    @Test(arguments: [
        (1, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        (54, "a3f01b6939256127582ac8ae9fb47a382a244680806a3f613a118851c1ca1d47"),
        (55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
        (56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
        (57, "f13b2d724659eb3bf47f2dd6af1accc87b81f09f59f2b75e5c0bed6589dfe8c6"),
        (63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"),
        (64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
        (65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"),
        (119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"),
        (120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"),
        (128, "6836cf13bac400e9105071cd6af47084dfacad4e5e302c94bfed24e013afb73e"),
        (1000, "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"),
    ])
    func `digests are right at every edge of a block`(count: Int, digest: String) {
        #expect(KeyDigest(of: String(repeating: "a", count: count)).description == digest)
    }

    @Test func `a digest is read as it is written, and nothing else is`() {
        let digest = KeyDigest(of: "key")
        #expect(KeyDigest(hexadecimal: digest.description) == digest)
        #expect(KeyDigest(hexadecimal: digest.description.uppercased()) == digest)
        for text in [
            "", "abc", String(repeating: "g", count: 64), String(repeating: "٣", count: 64),
        ] {
            #expect(KeyDigest(hexadecimal: text) == nil)
        }
        #expect(KeyDigest(hexadecimal: digest.description + "0") == nil)
    }

    @Test func `digests that differ in any one bit differ`() throws {
        let digest = KeyDigest(of: "key")
        let digits = Array(digest.description)
        for position in digits.indices {
            for bit in 0..<4 {
                var other = digits
                let value = try #require(digits[position].hexDigitValue)
                other[position] = try #require(String(value ^ (1 << bit), radix: 16).first)
                #expect(KeyDigest(hexadecimal: String(other)) != digest)
            }
        }
    }

    @Test func `a new key has 256 bits, and its own word in front`() {
        var generator = SystemRandomNumberGenerator()
        let keys = (0..<100).map { _ in GeneratedKey(using: &generator) }
        #expect(Set(keys.map(\.text)).count == keys.count)
        for key in keys {
            #expect(key.text.hasPrefix("corral_") && key.text.count == 7 + 52)
            #expect(key.text.utf8.allSatisfy { (0x21...0x7E).contains($0) })
            #expect(key.digest == KeyDigest(of: key.text))
        }
        // Each of the 52 places varies: 100 draws of 32 digits are the same once in 32⁹⁹.
        for place in 7..<59 {
            #expect(Set(keys.map { Array($0.text)[place] }).count > 1)
        }
    }
}
