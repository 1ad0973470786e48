import Testing

@testable import CorralCatalogue

struct FolderScanTests {
    private func paths(_ tree: MemoryTree, _ folders: String...) -> [String] {
        FolderScan(folders, in: tree).files.map(\.path)
    }

    @Test func `folders are searched to the bottom, in the order of their names`() {
        let tree = MemoryTree("/m/b.gguf", "/m/a/z.gguf", "/m/a/deep/er/y.gguf", "/m/C.GGUF")
        #expect(
            paths(tree, "/m") == ["/m/C.GGUF", "/m/b.gguf", "/m/a/z.gguf", "/m/a/deep/er/y.gguf"]
        )
    }

    @Test func `hidden files, other files and unfinished downloads are skipped`() {
        let tree = MemoryTree(
            "/m/.hidden.gguf",
            "/m/.cache/x.gguf",
            "/m/readme.md",
            "/m/a.gguf.part",
            "/m/b.part.gguf",
            "/m/c.gguf",
            "/m/c.gguf.aria2",
            "/m/d.gguf.downloadInProgress",
            "/m/d.gguf",
            "/m/e.gguf"
        )
        #expect(paths(tree, "/m") == ["/m/e.gguf"])
    }

    @Test func `the parts of a split model are one file, found by its first part`() {
        let tree = MemoryTree(
            "/m/x-00001-of-00003.gguf",
            "/m/x-00002-of-00003.gguf",
            "/m/x-00003-of-00003.gguf"
        )
        let scan = FolderScan(["/m"], in: tree)
        #expect(scan.files.map(\.path) == ["/m/x-00001-of-00003.gguf"])
        #expect(scan.files.first?.identities.count == 3)
        #expect(scan.problems.isEmpty)
    }

    @Test func `a split model with a part missing is a problem that names it`() {
        let tree = MemoryTree("/m/x-00001-of-00003.gguf", "/m/x-00003-of-00003.gguf")
        let scan = FolderScan(["/m"], in: tree)
        #expect(scan.files.isEmpty)
        #expect(scan.problems.map(\.path) == ["/m/x-00001-of-00003.gguf"])
        #expect(scan.problems.first?.reason.contains("2 of 3") == true)
    }

    @Test func `a part whose first part is missing is a problem`() {
        let scan = FolderScan(["/m"], in: MemoryTree("/m/x-00002-of-00002.gguf"))
        #expect(scan.files.isEmpty)
        #expect(scan.problems.first?.reason.contains("x-00001-of-00002.gguf") == true)
    }

    @Test func `links to folders are followed once, even in a circle`() {
        let tree = MemoryTree("/store/a.gguf", "/m/own.gguf")
        tree.link("/m/linked", to: "/store")
        tree.link("/m/again", to: "/store")
        tree.link("/store/up", to: "/m")
        #expect(paths(tree, "/m") == ["/m/own.gguf", "/m/again/a.gguf"])
    }

    @Test func `a file with two names is found once, under the first`() {
        let tree = MemoryTree("/m/data/sha.gguf")
        tree.link("/m/a-model.gguf", to: "/m/data/sha.gguf")
        func found(_ folders: String...) -> [FoundFile] {
            StoreScan(folders.map { ModelStore(.folder, at: $0) }, in: tree).files
        }
        #expect(found("/m").map(\.path) == ["/m/a-model.gguf"])
        #expect(found("/m").first?.places.map(\.path) == ["/m/data/sha.gguf"])
        #expect(found("/m/data", "/m").map(\.path) == ["/m/data/sha.gguf"])
    }

    @Test func `a link that leads nowhere is a problem`() {
        let tree = MemoryTree("/m/a.gguf")
        tree.link("/m/b.gguf", to: "/gone/b.gguf")
        let scan = FolderScan(["/m"], in: tree)
        #expect(scan.files.count == 1)
        #expect(scan.problems.map(\.path) == ["/m/b.gguf"])
    }

    @Test func `a folder that is missing or locked does not hide the others`() {
        let tree = MemoryTree("/m/a.gguf", "/locked/b.gguf")
        tree.lock("/locked")
        let scan = FolderScan(["/none", "/locked", "/m"], in: tree)
        #expect(scan.files.map(\.path) == ["/m/a.gguf"])
        #expect(scan.problems.map(\.path) == ["/none", "/locked"])
    }

    @Test func `a single file can stand for a folder`() {
        let scan = FolderScan(["/m/a.gguf"], in: MemoryTree("/m/a.gguf", "/m/b.gguf"))
        #expect(scan.files.map(\.path) == ["/m/a.gguf"])
        #expect(scan.files.first?.root == "/m")
    }
}
