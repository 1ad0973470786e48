import CorralTesting
import Testing

@testable import CorralGGUF

@Suite struct MalformedHeaderTests {
    private func file(_ change: (inout GGUFBuilder) -> Void) -> [UInt8] {
        var builder = GGUFBuilder()
        change(&builder)
        return builder.file()
    }

    @Test func `a file of another kind is refused at its first byte`() {
        let failure = failure([UInt8]("GGML and then some more bytes".utf8))
        #expect(failure?.code == .badMagic)
        #expect(failure?.byteOffset == 0)
    }

    @Test(arguments: [0, 1, 4, 99, 0x0001_0003] as [UInt32])
    func `a version but 2 and 3 is refused`(version: UInt32) {
        let failure = failure(GGUFBuilder(version: version).file())
        #expect(failure?.code == .unsupportedVersion)
        #expect(failure?.byteOffset == 4)
    }

    @Test(arguments: [2, 3] as [UInt32])
    func `a big-endian file is called so`(version: UInt32) {
        let failure = failure(GGUFBuilder(version: version.byteSwapped).file())
        #expect(failure?.code == .bigEndian)
        #expect(failure?.message.contains("big-endian") == true)
    }

    @Test(arguments: [3, 1000, 1 << 60, 1 << 63, .max] as [UInt64])
    func `a count of keys the file has no room for is refused where it stands`(count: UInt64) {
        let failure = failure(file { $0.claimedMetadataCount = count })
        #expect(failure?.code == .truncated)
        #expect(failure?.byteOffset == 16)
    }

    @Test(arguments: [2, 1000, 1 << 60, 1 << 63, .max] as [UInt64])
    func `a count of tensors the file has no room for is refused where it stands`(count: UInt64) {
        let failure = failure(file { $0.claimedTensorCount = count })
        #expect(failure?.code == .truncated)
        #expect(failure?.byteOffset == 8)
    }

    @Test(
        arguments: GGUFValueType.allCases,
        [1 << 20, 1 << 32, 1 << 60, 1 << 61, .max] as [UInt64]
    )
    func `an array cannot have more elements than bytes are left`(
        type: GGUFValueType,
        count: UInt64
    ) {
        let bytes = file { $0.set("a", .array(type, [])) }
        // Behind the preamble: the key's length, "a", the type, the element type, the count.
        let failure = failure(bytes.overwriting(24 + 8 + 1 + 4 + 4, count))
        #expect(failure?.code == .truncated)
        #expect(failure?.byteOffset == 24 + 8 + 1 + 4 + 4 + 8)
    }

    @Test(arguments: [1 << 20, 1 << 40, 1 << 63, .max] as [UInt64])
    func `a string cannot be longer than the file`(length: UInt64) {
        let bytes = file { $0.set("key", "text") }
        #expect(failure(bytes.overwriting(24, length))?.code == .truncated)
        #expect(failure(bytes.overwriting(24 + 8 + 3 + 4, length))?.code == .truncated)
        let array = file { $0.set("key", .strings(["text", "more"])) }
        let failure = failure(array.overwriting(24 + 8 + 3 + 4 + 4 + 8, length))
        #expect(failure?.code == .truncated)
    }

    @Test func `a key longer than any real one is refused though its bytes exist`() {
        let key = String(repeating: "k", count: 65_536)
        #expect(failure(file { $0.set(key, 1) })?.code == .limitExceeded)
        #expect(failure(file { $0.set(String(key.dropLast()), 1) }) == nil)
    }

    @Test func `a header beyond the limit is given up`() throws {
        var parser = HeaderParser(available: 1 << 40)
        let bytes = file { $0.set("a", .array(.uint8, [])) }
            .overwriting(24 + 8 + 1 + 4 + 4, UInt64(1) << 35)
        do {
            _ = try parser.advance(over: bytes.span)
            Issue.record("an array of 32 GiB was accepted")
        } catch { #expect(error.code == .limitExceeded) }
    }

    @Test func `keys and names must be UTF-8 and values are repaired`() throws {
        let bytes = file { $0.set("key", "text") }
        let key = try #require(bytes.offset(of: "key"))
        let keyFailure = failure(bytes.overwriting(key, UInt8(0xFF)))
        #expect(keyFailure?.code == .invalidUTF8)
        #expect(keyFailure?.byteOffset == UInt64(key))
        let text = try #require(bytes.offset(of: "text"))
        let header = try GGUFHeader(parsing: bytes.overwriting(text, UInt8(0xFF)).span)
        #expect(header.metadata.string("key") == "\u{FFFD}ext")
        let tensor = file { $0.addTensor("name", .f32, [1]) }
        let name = try #require(tensor.offset(of: "name"))
        #expect(failure(tensor.overwriting(name, UInt8(0xC0)))?.code == .invalidUTF8)
    }

    @Test func `a key that is empty or occurs twice is refused`() {
        #expect(failure(file { $0.set("", 1) })?.code == .emptyKey)
        let twice = file {
            $0.set("a", 1)
            $0.set("b", 2)
            $0.set("a", .strings(["x"]))
        }
        let failure = failure(twice)
        #expect(failure?.code == .duplicateKey)
        #expect(failure?.subject == "a")
        #expect(failure?.byteOffset == 24 + 2 * (8 + 1 + 4 + 4))
    }

    @Test(arguments: [13, 255, 0x8000_0000, .max] as [UInt32])
    func `a value type the format lacks is refused`(type: UInt32) {
        let bytes = file { $0.set("a", .array(.uint8, [])) }
        #expect(failure(bytes.overwriting(24 + 8 + 1, type))?.code == .unknownValueType)
        let element = failure(bytes.overwriting(24 + 8 + 1 + 4, type))
        #expect(element?.code == .unknownValueType)
        #expect(element?.byteOffset == 24 + 8 + 1 + 4)
    }

    @Test(arguments: [9, 1000, 100_000])
    func `arrays nested too deep are refused without recursion`(depth: Int) {
        var bytes = file { $0.set("a", .array(.array, [])) }
        bytes.removeLast(bytes.count - (24 + 8 + 1 + 4))
        for _ in 0..<depth { bytes += [9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0] }
        bytes += [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(failure(bytes)?.code == .nestingTooDeep)
    }

    @Test func `arrays nested as deep as allowed are read`() {
        var value = GGUFBuilder.Value.integers([1])
        for _ in 1..<HeaderBounds.maximumDepth { value = .array(.array, [value]) }
        #expect(failure(file { $0.set("a", value) }) == nil)
        #expect(failure(file { $0.set("a", .array(.array, [value])) })?.code == .nestingTooDeep)
    }

    @Test(
        arguments: [
            .uint32(0), .uint32(48), .uint32(.max), .uint64(32), .string("32"),
        ] as [GGUFBuilder.Value]
    )
    func `an alignment must be a uint32 and a power of two`(value: GGUFBuilder.Value) {
        let failure = failure(file { $0.set("general.alignment", value) })
        #expect(failure?.code == .invalidAlignment)
        #expect(failure?.byteOffset == 24)
    }
}
