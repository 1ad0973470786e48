import CorralTesting
import Testing

@testable import CorralGGUF

@Suite struct GGUFArrayTests {
    private func array(_ value: GGUFBuilder.Value) throws -> GGUFArray {
        var builder = GGUFBuilder()
        builder.set("key", value)
        return try #require(
            GGUFHeader(parsing: builder.file().span).metadata["key"]?.array
        )
    }

    @Test func `arrays up to the limit are kept and longer ones are not`() throws {
        let most = Int(GGUFArray.keptBytes)
        let kept = try array(.array(.uint8, (0..<most).map { .uint8(UInt8($0 & 255)) }))
        #expect(kept.integers?.count == most)
        #expect(kept.integers?.last == 255)
        let longer = try array(.array(.uint8, (0...most).map { _ in .uint8(1) }))
        #expect(!longer.isKept)
        #expect(longer.integers == nil)
        #expect(longer.count == UInt64(most) + 1)
        #expect(longer.byteRange.count == most + 1)
    }

    @Test func `a vocabulary of 262,144 tokens is counted and not kept`() throws {
        let tokens = (0..<262_144).map { "token\($0)" }
        let array = try array(.strings(tokens))
        #expect(array.count == 262_144)
        #expect(array.elementType == .string)
        #expect(array.bytes == nil)
        let bytes = tokens.reduce(0) { $0 + 8 + $1.utf8.count }
        #expect(array.byteRange.count == bytes)
        #expect(array.strings == nil)
    }

    @Test func `nested arrays are decoded with their own types`() throws {
        let nested = try array(
            .array(.array, [.integers([7, 8]), .strings(["x"]), .array(.array, [.bools([true])])])
        )
        let values = try #require(nested.values)
        #expect(values.count == 3)
        #expect(values[0].array?.integers == [7, 8])
        #expect(values[1].array?.strings == ["x"])
        #expect(values[2].array?.values?.first?.array?.bools == [true])
        #expect(nested.integers == nil)
    }

    @Test(arguments: GGUFValueType.allCases)
    func `every element type can be stepped over and decoded`(type: GGUFValueType) throws {
        let one: GGUFBuilder.Value =
            switch type {
            case .uint8: .uint8(1)
            case .int8: .int8(1)
            case .uint16: .uint16(1)
            case .int16: .int16(1)
            case .uint32: .uint32(1)
            case .int32: .int32(1)
            case .uint64: .uint64(1)
            case .int64: .int64(1)
            case .float32: .float32(1)
            case .float64: .float64(1)
            case .bool: .bool(true)
            case .string: .string("1")
            case .array: .integers([1])
            }
        let few = try array(.array(type, [one, one]))
        #expect(few.values?.map(\.type) == [type, type])
        #expect(few.count == 2)
        let many = try array(.array(type, Array(repeating: one, count: 70_000)))
        #expect(many.count == 70_000)
        #expect(!many.isKept)
    }

    @Test func `an unsigned integer above the signed range is not read as a signed one`() throws {
        let array = try array(.array(.uint64, [.uint64(1), .uint64(.max)]))
        #expect(array.integers == nil)
        #expect(array.values == [.uint64(1), .uint64(.max)])
    }

    @Test func `a vocabulary's bytes need not be text`() throws {
        let array = try array(.array(.string, [.bytes([0xFF, 0x61]), "b"]))
        #expect(array.strings == ["\u{FFFD}a", "b"])
    }
}
