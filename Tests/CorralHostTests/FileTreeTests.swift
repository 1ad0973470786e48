import Testing

@testable import CorralHost

@Suite struct FileTreeTests {
    @Test func `a folder stands in for the root`() throws {
        let scratch = try ScratchFolder()
        _ = try scratch.write("MemTotal: 1 kB\n", to: "meminfo")
        _ = try scratch.write("", to: "empty")
        let tree = FileTree.folder(scratch.path)
        #expect(tree.read("/meminfo") == Array("MemTotal: 1 kB\n".utf8))
        #expect(tree.read("/empty") == [])
        #expect(tree.read("/missing") == nil)
        #expect(tree.read("/") == nil)
        #expect(tree.names("/") == ["empty", "meminfo"])
        #expect(tree.names("/missing") == [])
    }

    @Test func `a file larger than one piece is read whole and in order`() throws {
        let scratch = try ScratchFolder()
        let text = (0..<40_000).map { "\($0)\n" }.joined()
        let path = try scratch.write(text, to: "large")
        #expect(FileReading.contents(of: path, limit: .max) == Array(text.utf8))
        #expect(FileReading.contents(of: path, limit: 70_001) == Array(text.utf8.prefix(70_001)))
    }

    @Test func `a tree in memory lists what its paths say`() {
        let tree = FileTree(["/a/b/c": "1", "/a/b/d": "2", "/a/e": "3", "/ab": "4"])
        #expect(tree.names("/a") == ["b", "e"])
        #expect(tree.names("/a/b") == ["c", "d"])
        #expect(tree.names("/x") == [])
    }
}
