import CorralGGUF
import CorralTesting
import Testing

@Suite struct GGUFHeaderTests {
    @Test(arguments: [2, 3] as [UInt32])
    func `every value type is read as it was written`(version: UInt32) throws {
        let header = try GGUFHeader(parsing: sample(version: version).file().span)
        let metadata = header.metadata
        #expect(header.version == version)
        #expect(metadata["a.u8"] == .uint8(200))
        #expect(metadata["a.i8"] == .int8(-100))
        #expect(metadata["a.u16"] == .uint16(60_000))
        #expect(metadata["a.i16"] == .int16(-30_000))
        #expect(metadata["a.u32"] == .uint32(4_000_000_000))
        #expect(metadata["a.i32"] == .int32(-2_000_000_000))
        #expect(metadata["a.u64"] == .uint64(.max))
        #expect(metadata["a.i64"] == .int64(.min))
        #expect(metadata["a.f32"] == .float32(1.5))
        #expect(metadata["a.f64"] == .float64(-0.1))
        #expect(metadata["a.bool"] == .bool(true))
        #expect(metadata["a.text"] == .string("Größe 模型"))
        #expect(metadata.integers("b.integers") == [1, -2, 3])
        #expect(metadata.bools("b.bools") == [true, false, true])
        #expect(metadata.doubles("b.floats") == [0.5, -2])
        #expect(metadata.strings("b.strings") == ["", "a", "tokens and merges"])
        #expect(metadata.arrayCount("b.empty") == 0)
    }

    @Test func `keys stay in the order of the file`() throws {
        let builder = sample()
        let header = try GGUFHeader(parsing: builder.file().span)
        #expect(header.metadata.keys == ["general.alignment"] + builder.metadata.map(\.key))
    }

    @Test func `tensors have the bytes of their blocks and lie where the file says`() throws {
        let builder = sample()
        let bytes = builder.file()
        let header = try GGUFHeader(parsing: bytes.span, fileSize: UInt64(bytes.count))
        #expect(header.alignment == 64)
        #expect(header.dataOffset == UInt64(builder.header().count))
        #expect(header.tensors.map(\.name) == builder.tensors.map(\.name))
        let byteCounts: [UInt64] = [2 * 34 * 4, 2 * 144, 24 * 2, 5 * 4]
        #expect(header.tensors.map(\.byteCount) == byteCounts)
        #expect(header.tensors.map(\.offset) == [0, 320, 640, 704])
        #expect(header.tensors[2].dimensions == [3, 2, 2, 2])
        #expect(header.tensors[2].elementCount == 24)
        #expect(header.tensorBytes == 272 + 288 + 48 + 20)
    }

    @Test func `a beginning of the file is enough, as long as it holds the header`() throws {
        let bytes = sample().header()
        let header = try GGUFHeader(parsing: bytes.span)
        #expect(header.tensors.count == 4)
        #expect(failure(bytes, fileSize: UInt64(bytes.count))?.code == .tensorOutsideFile)
    }

    @Test func `a file without keys and tensors is read`() throws {
        let header = try GGUFHeader(parsing: GGUFBuilder().file().span)
        #expect(header.metadata.keys == [])
        #expect(header.tensors == [])
        #expect(header.alignment == 32)
        #expect(header.dataOffset == 32)
    }

    @Test func `an accessor answers nothing for a value of another kind`() throws {
        let metadata = try GGUFHeader(parsing: sample().file().span).metadata
        #expect(metadata.unsigned("a.i32") == nil)
        #expect(metadata.unsigned("a.u64") == .max)
        #expect(metadata.signed("a.u64") == nil)
        #expect(metadata.unsigned("a.f32") == nil)
        #expect(metadata.double("a.u16") == 60_000)
        #expect(metadata.double("a.text") == nil)
        #expect(metadata.bool("a.u8") == nil)
        #expect(metadata.string("b.strings") == nil)
        #expect(metadata.integers("a.u8") == nil)
        #expect(metadata.integers("b.bools") == nil)
        #expect(metadata.strings("b.integers") == nil)
        #expect(metadata.arrayCount("a.u8") == nil)
        #expect(metadata["missing"] == nil)
    }

    @Test(arguments: [1, 2, 7, 24, 100, 4096])
    func `a header read through windows is the header read at once`(window: Int) throws {
        var builder = sample()
        builder.set("c.numbers", .array(.uint64, (0..<9000).map { .uint64($0) }))
        builder.set("c.tokens", .strings((0..<9000).map { "token \($0)" }))
        builder.set("c.long", .strings([String(repeating: "x", count: 100_000), "y"]))
        builder.set("c.deep", .array(.array, (0..<9000).map { .strings(["\($0)"]) }))
        builder.set("c.last", 1)
        let bytes = builder.file()
        let whole = try GGUFHeader(parsing: bytes.span, fileSize: UInt64(bytes.count))
        let windowed = try parse(bytes, window: window)
        #expect(windowed == whole)
        #expect(whole.metadata["c.tokens"]?.array?.isKept == false)
    }
}
