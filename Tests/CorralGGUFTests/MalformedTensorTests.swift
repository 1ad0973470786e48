import CorralGGUF
import CorralTesting
import Testing

@Suite struct MalformedTensorTests {
    private func file(_ tensors: [GGUFBuilder.Tensor]) -> [UInt8] {
        var builder = GGUFBuilder()
        builder.tensors = tensors
        return builder.header() + [UInt8](repeating: 0, count: 4096)
    }

    private func tensor(
        _ name: String = "t",
        type: GGMLType = .f32,
        shape: [UInt64] = [8],
        offset: UInt64 = 0
    ) -> GGUFBuilder.Tensor {
        GGUFBuilder.Tensor(
            name: name,
            type: type,
            dimensions: shape,
            offset: offset,
            byteCount: 0
        )
    }

    private func code(_ tensors: [GGUFBuilder.Tensor]) -> GGUFError.Code? {
        let bytes = file(tensors)
        return failure(bytes, fileSize: UInt64(bytes.count))?.code
    }

    @Test func `the tensors these tests damage are sound`() {
        #expect(code([tensor("a"), tensor("b", offset: 32)]) == nil)
    }

    @Test(
        arguments: [
            [], [1, 1, 1, 1, 1], [0], [8, 0, 8], [1 << 63], [1 << 32, 1 << 32],
            [.max, .max, .max, .max], [1 << 61, 1],
        ] as [[UInt64]]
    )
    func `a shape that is empty or beyond 64 bits is refused`(dimensions: [UInt64]) {
        #expect(code([tensor(shape: dimensions)]) == .invalidDimensions)
    }

    @Test func `a number of dimensions beyond four is refused before they are read`() {
        let bytes = file([tensor()]).overwriting(24 + 8 + 1, UInt32.max)
        let failure = failure(bytes)
        #expect(failure?.code == .invalidDimensions)
        #expect(failure?.byteOffset == 24 + 8 + 1)
    }

    @Test func `a row must be a whole number of blocks`() {
        #expect(code([tensor(type: .q8_0, shape: [48, 2])]) == .invalidDimensions)
        #expect(code([tensor(type: .q8_0, shape: [64, 2])]) == nil)
    }

    @Test(arguments: [4, 5, 31, 32, 33, 36, 37, 38, 43, 1000, .max] as [UInt32])
    func `a type that is unknown or removed is refused where it stands`(type: UInt32) {
        let bytes = file([tensor(type: GGMLType(rawValue: type))])
        let failure = failure(bytes)
        #expect(failure?.code == .unsupportedTensorType)
        #expect(failure?.byteOffset == 24 + 8 + 1 + 4 + 8)
        #expect(failure?.subject == "t")
    }

    @Test func `a name may occur once`() {
        #expect(code([tensor("a"), tensor("a", offset: 32)]) == .duplicateTensor)
    }

    @Test func `an offset must be a multiple of the alignment`() {
        #expect(code([tensor(offset: 16)]) == .misalignedTensor)
        var builder = GGUFBuilder(alignment: 64)
        builder.addTensor("a", .f32, [1])
        builder.addTensor("b", .f32, [1])
        #expect(failure(builder.file()) == nil)
        builder.tensors[1].offset = 32
        #expect(failure(builder.file())?.code == .misalignedTensor)
    }

    @Test func `tensors may stand in any order but not in each other`() {
        #expect(code([tensor("a", offset: 64), tensor("b", offset: 0)]) == nil)
        #expect(code([tensor("a", shape: [9]), tensor("b", offset: 32)]) == .overlappingTensors)
        #expect(code([tensor("a", offset: 32), tensor("b", shape: [9])]) == .overlappingTensors)
        #expect(code([tensor("a"), tensor("b")]) == .overlappingTensors)
    }

    @Test(arguments: [4096, 1 << 40, 1 << 63, .max - 31] as [UInt64])
    func `a tensor must end inside the file`(offset: UInt64) {
        let bytes = file([tensor(offset: offset)])
        let failure = failure(bytes, fileSize: UInt64(bytes.count))
        #expect(failure?.code == .tensorOutsideFile)
        #expect(failure?.byteOffset == 24 + 8 + 1 + 4 + 8 + 4)
    }

    @Test func `the last tensor needs no padding behind it`() {
        let bytes = file([tensor(shape: [1024])])
        #expect(failure(bytes, fileSize: UInt64(bytes.count)) == nil)
        #expect(failure(bytes, fileSize: UInt64(bytes.count) - 1)?.code == .tensorOutsideFile)
    }
}
