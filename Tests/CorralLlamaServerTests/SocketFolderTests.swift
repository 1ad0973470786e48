import Foundation
import Logging
import Testing

@testable import CorralLlamaServer

struct SocketFolderTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A private parent with a short path, as XDG_RUNTIME_DIR is.
    private func parent() throws -> String {
        try #require(SystemFolder.makePrivate(in: "/tmp", prefix: "corraltest-"))
    }

    @Test func `a folder is made where it is told, for its owner alone`() throws {
        let parent = try parent()
        defer { SystemFolder.remove(parent) }
        let folder = try SocketFolder(parent: parent, logger: logger)
        #expect(folder.path.hasPrefix(parent + "/corral-"))
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path)[.posixPermissions]
        #expect(mode as? Int == 0o700)
        folder.remove()
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    @Test func `no two sockets have the same path, and all are short enough`() throws {
        let folder = try SocketFolder(parent: nil, logger: logger)
        defer { folder.remove() }
        let sockets = (0..<1000).map { _ in folder.newSocket() }
        #expect(Set(sockets).count == 1000)
        #expect(sockets.allSatisfy { $0.hasSuffix(".sock") && $0.utf8.count <= 103 })
    }

    @Test func `a parent that others may enter is not used`() throws {
        let parent = try parent()
        defer { SystemFolder.remove(parent) }
        try FileManager.default.setAttributes([.posixPermissions: 0o750], ofItemAtPath: parent)
        let folder = try SocketFolder(parent: parent, logger: logger)
        defer { folder.remove() }
        #expect(folder.path.hasPrefix("/tmp/corral-"))
    }

    @Test func `a parent that is a link or too long is not used`() throws {
        let parent = try parent()
        defer { SystemFolder.remove(parent) }
        try FileManager.default.createSymbolicLink(
            atPath: parent + "/link",
            withDestinationPath: parent
        )
        #expect(!SocketFolder.isUsable(parent + "/link"))
        let long = parent + "/" + String(repeating: "x", count: 80)
        try FileManager.default.createDirectory(
            atPath: long,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        #expect(SystemFolder.isPrivate(long))
        #expect(!SocketFolder.isUsable(long))
        #expect(!SocketFolder.isUsable("relative"))
    }

    @Test func `the longest parent that is used leaves room for the longest name`() {
        let longest = (1...103).last { SocketFolder.fits(String(repeating: "x", count: $0)) }
        let folder = (longest ?? 0) + "/corral-XXXXXX".count
        #expect(folder + "/\(Int.max).sock".count <= SocketFolder.longestPath)
    }

    @Test func `what a dead daemon left is removed and what a living one has is not`() throws {
        let parent = try parent()
        defer { SystemFolder.remove(parent) }
        var dead: SocketFolder? = try SocketFolder(parent: parent, logger: logger)
        let left = try #require(dead?.path)
        // Letting it go without removing it is what being killed comes to.
        dead = nil
        let unlocked = parent + "/corral-nolock"
        try FileManager.default.createDirectory(
            atPath: unlocked,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        let living = try SocketFolder(parent: parent, logger: logger)
        let another = try SocketFolder(parent: parent, logger: logger)
        #expect(!FileManager.default.fileExists(atPath: left))
        #expect(FileManager.default.fileExists(atPath: living.path))
        #expect(FileManager.default.fileExists(atPath: another.path))
        #expect(FileManager.default.fileExists(atPath: unlocked), "being made, for all one knows")
    }
}
