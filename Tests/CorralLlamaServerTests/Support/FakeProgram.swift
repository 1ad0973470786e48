import Foundation

/// Programs for tests, written once and then only linked to.
///
/// A program that was just written cannot be run while any process has it open for writing, and
/// a process that another test starts at that moment has, until it runs its own program. So
/// another process writes it.
enum FakeProgram {
    static let llamaServer = install(FakeServer.script)
    static let other = install("#!/bin/sh\necho changed\n")

    /// The path of a program with this text.
    private static func install(_ text: String) -> URL {
        let folder = FileManager.default.temporaryDirectory
        // FNV-1a, so that runs share what does not differ.
        let name = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        let program = folder.appending(path: "corral-test-program-\(name)")
        guard !FileManager.default.isExecutableFile(atPath: program.path) else { return program }
        let draft = folder.appending(path: "corral-test-draft-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: draft) }
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = [
            "-c", #"cp "$1" "$1.new" && chmod 755 "$1.new" && mv "$1.new" "$2""#, "sh",
            draft.path, program.path,
        ]
        do {
            try text.write(to: draft, atomically: false, encoding: .utf8)
            try shell.run()
            shell.waitUntilExit()
        } catch {
            preconditionFailure("the stand-in for llama-server cannot be written: \(error)")
        }
        return program
    }
}
