import CorralGGUF
import CorralTesting
import Testing

@Suite struct GGUFSplitTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// One part of a model with two tensors per part.
    private func part(
        _ number: UInt16,
        of count: UInt16,
        tensors: Int32? = nil,
        prefix: String = "p"
    ) -> GGUFBuilder {
        var builder = GGUFBuilder()
        if number == 1 { builder.set("general.architecture", "llama") }
        builder.set("split.no", .uint16(number - 1))
        builder.set("split.count", .uint16(count))
        builder.set("split.tensors.count", .int32(tensors ?? Int32(count) * 2))
        builder.addTensor("\(prefix)\(number).a", .f32, [8])
        builder.addTensor("\(prefix)\(number).b", .f32, [8, 2])
        return builder
    }

    private func name(_ number: Int, of count: Int) -> String {
        "my-model-0000\(number)-of-0000\(count).gguf"
    }

    private func failure(_ path: String) -> GGUFError? {
        do throws(GGUFError) {
            _ = try GGUFFile(path: path)
            return nil
        } catch { return error }
    }

    @Test func `the parts of a model are joined in their order`() throws {
        for number in 1...3 {
            try folder.write(part(UInt16(number), of: 3).file(), name(number, of: 3))
        }
        let file = try GGUFFile(path: folder.path(name(1, of: 3)))
        #expect(file.paths == (1...3).map { folder.path(name($0, of: 3)) })
        #expect(file.tensors.map(\.name) == ["p1.a", "p1.b", "p2.a", "p2.b", "p3.a", "p3.b"])
        #expect(file.tensorBytes == 3 * (32 + 64))
        #expect(file.fileBytes == UInt64((1...3).map { part($0, of: 3).file().count }.reduce(0, +)))
        #expect(file.metadata.string("general.architecture") == "llama")
        #expect(Set(file.identity).count == 3)
    }

    @Test func `a missing part is named`() throws {
        for number in [1, 3] as [Int] {
            try folder.write(part(UInt16(number), of: 3).file(), name(number, of: 3))
        }
        let error = failure(folder.path(name(1, of: 3)))
        #expect(error?.code == .missingShard)
        #expect(error?.path == folder.path(name(2, of: 3)))
    }

    @Test func `a later part is refused with the first part's name`() throws {
        for number in 1...2 {
            try folder.write(part(UInt16(number), of: 2).file(), name(number, of: 2))
        }
        let error = failure(folder.path(name(2, of: 2)))
        #expect(error?.code == .invalidSplit)
        #expect(error?.message.contains(name(1, of: 2)) == true)
    }

    @Test func `parts whose numbers and names disagree are refused`() throws {
        try folder.write(part(1, of: 2).file(), name(1, of: 2))
        try folder.write(part(1, of: 2, prefix: "q").file(), name(2, of: 2))
        #expect(failure(folder.path(name(1, of: 2)))?.code == .invalidSplit)
        try folder.write(part(2, of: 3).file(), name(2, of: 2))
        #expect(failure(folder.path(name(1, of: 2)))?.code == .invalidSplit)
        try folder.write(GGUFBuilder().file(), name(2, of: 2))
        #expect(failure(folder.path(name(1, of: 2)))?.code == .invalidSplit)
    }

    @Test func `a part whose name does not say how many there are is refused`() throws {
        let renamed = try folder.write(part(1, of: 2).file(), "renamed.gguf")
        #expect(failure(renamed)?.code == .invalidSplit)
        let other = try folder.write(part(1, of: 2).file(), name(1, of: 3))
        #expect(failure(other)?.code == .invalidSplit)
    }

    @Test func `a part that is damaged is named`() throws {
        try folder.write(part(1, of: 2).file(), name(1, of: 2))
        try folder.write(Array(part(2, of: 2).file().prefix(100)), name(2, of: 2))
        let error = failure(folder.path(name(1, of: 2)))
        #expect(error?.code == .truncated)
        #expect(error?.path == folder.path(name(2, of: 2)))
    }

    @Test func `the parts must hold the announced number of tensors, each once`() throws {
        try folder.write(part(1, of: 2, tensors: 5).file(), name(1, of: 2))
        try folder.write(part(2, of: 2).file(), name(2, of: 2))
        let error = failure(folder.path(name(1, of: 2)))
        #expect(error?.code == .invalidSplit)
        #expect(error?.subject == "split.tensors.count")
        var second = part(2, of: 2)
        second.tensors[0].name = "p1.b"
        try folder.write(part(1, of: 2).file(), name(1, of: 2))
        try folder.write(second.file(), name(2, of: 2))
        #expect(failure(folder.path(name(1, of: 2)))?.code == .duplicateTensor)
    }

    @Test func `a file that is its only part needs no numbers in its name`() throws {
        let path = try folder.write(part(1, of: 1).file(), "whole.gguf")
        #expect(failure(path) == nil)
    }

    @Test func `a part's name is taken apart and put together`() throws {
        let name = try #require(GGUFSplitName(path: "/a-b/m-Q4-00002-of-00012.gguf"))
        #expect(name.prefix == "/a-b/m-Q4")
        #expect(name.number == 2)
        #expect(name.count == 12)
        #expect(name.path(ofPart: 10) == "/a-b/m-Q4-00010-of-00012.gguf")
    }

    @Test(arguments: [
        "m.gguf", "m-00001-of-00002", "m-1-of-2.gguf", "m-00003-of-00002.gguf",
        "m-00000-of-00002.gguf", "-00001-of-00002.gguf", "/a/-00001-of-00002.gguf",
        "m-0000x-of-00002.gguf", "m-99999999999999999999-of-99999999999999999999.gguf",
    ])
    func `other names are no part's`(path: String) {
        #expect(GGUFSplitName(path: path) == nil)
    }
}
