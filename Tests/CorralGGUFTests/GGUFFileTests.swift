import CorralTesting
import Foundation
import Testing

@testable import CorralGGUF

@Suite struct GGUFFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func failure(_ path: String) -> GGUFError? {
        do throws(GGUFError) {
            _ = try GGUFFile(path: path)
            return nil
        } catch { return error }
    }

    @Test func `a file is read as its bytes are`() throws {
        let bytes = sample().file()
        let path = try folder.write(bytes, "model.gguf")
        let file = try GGUFFile(path: path)
        let header = try GGUFHeader(parsing: bytes.span)
        #expect(file.header == header)
        #expect(file.tensors == header.tensors)
        #expect(file.paths == [path])
        #expect(file.fileBytes == UInt64(bytes.count))
        #expect(file.identity.map(\.byteCount) == [UInt64(bytes.count)])
    }

    @Test func `a vocabulary longer than many windows is read when asked for`() throws {
        let tokens = (0..<100_000).map { "token \($0)" }
        var builder = sample()
        builder.set("tokens", .strings(tokens))
        builder.set("template", .string(String(repeating: "template ", count: 100_000)))
        builder.set("scores", .array(.float32, tokens.indices.map { .float32(Float($0)) }))
        builder.set("last", "here")
        let bytes = builder.file()
        let file = try GGUFFile(path: try folder.write(bytes, "model.gguf"))
        let whole = try GGUFHeader(parsing: bytes.span)
        #expect(file.header == whole)
        #expect(file.metadata.strings("tokens") == nil)
        #expect(try file.array("tokens")?.strings == tokens)
        #expect(try file.array("scores")?.doubles?.last == 99_999)
        #expect(file.metadata.string("template")?.utf8.count == 900_000)
        #expect(file.metadata.string("last") == "here")
        #expect(try file.array("last") == nil)
        #expect(try file.array("b.integers")?.integers == [1, -2, 3])
    }

    @Test func `a replaced file's vocabulary is refused rather than misread`() throws {
        var builder = sample()
        builder.set("tokens", .strings((0..<10_000).map { "token \($0)" }))
        let path = try folder.write(builder.file(), "model.gguf")
        let file = try GGUFFile(path: path)
        builder.set("more", 1)
        try folder.write(builder.file(), "model.gguf")
        do throws(GGUFError) {
            _ = try file.array("tokens")
            Issue.record("the array was read from another file")
        } catch {
            #expect(error.code == .fileChanged)
            #expect(error.path == path)
        }
    }

    @Test func `a file that shrinks while it is read is an error and no crash`() throws {
        let path = try folder.write([UInt8](repeating: 1, count: 1 << 20), "model.gguf")
        let reader = try FileReader(path: path)
        var buffer: [UInt8] = []
        try reader.read(4096, at: 0, into: &buffer)
        let writer = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try writer.truncate(atOffset: 10_000)
        do throws(GGUFError) {
            try reader.read(65_536, at: 4096, into: &buffer)
            Issue.record("bytes were read that are gone")
        } catch {
            #expect(error.code == .fileChanged)
            #expect(error.byteOffset == 10_000)
        }
    }

    @Test func `a missing file is an error that names it`() {
        let path = folder.path("missing.gguf")
        let error = failure(path)
        #expect(error?.code == .unreadable)
        #expect(error?.path == path)
        #expect(error?.description.contains(path) == true)
    }

    @Test func `a folder and a pipe are no files and nothing waits for them`() {
        #expect(failure(folder.url.path)?.code == .notAFile)
        let pipe = folder.path("pipe.gguf")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(failure(pipe)?.code == .notAFile)
    }

    @Test func `a path with a zero byte does not name the file before it`() throws {
        let path = try folder.write(sample().file(), "model.gguf")
        #expect(failure(path + "\0.gguf")?.code == .unreadable)
    }

    @Test func `an empty, a short and a cut file are truncated`() throws {
        let bytes = sample().file()
        for length in [0, 3, 23, 100] {
            let path = try folder.write(Array(bytes.prefix(length)), "\(length).gguf")
            #expect(failure(path)?.code == .truncated)
            #expect(failure(path)?.path == path)
        }
    }

    @Test func `an error can be caught by its code`() throws {
        do {
            _ = try GGUFFile(path: folder.path("missing.gguf"))
            Issue.record("a missing file was opened")
        } catch GGUFError.Code.truncated {
            Issue.record("a missing file is not truncated")
        } catch GGUFError.Code.unreadable {
        }
    }
}
