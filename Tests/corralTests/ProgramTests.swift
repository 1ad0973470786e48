import DaemonFixtures
import Foundation
import Testing

/// The program itself, run as a process.
struct ProgramTests {
    private struct Result {
        var status: Int32
        var output: String
        var errors: String
    }

    /// The program lies beside the tests.
    private static let program: String? = {
        if let named = ProcessInfo.processInfo.environment["CORRAL_BIN"] { return named }
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") }
        let built = bundle.flatMap { $0.components(separatedBy: ".xctest").first }
        return built.map { ($0 as NSString).deletingLastPathComponent + "/corral" }
            .flatMap { FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil }
    }()

    private static var isRunnable: Bool {
        program != nil || ProcessInfo.processInfo.environment["CI"] == "true"
    }

    private func run(
        _ arguments: String...,
        environment: [String: String] = [:]
    ) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.program))
        process.arguments = arguments
        process.environment = ["HOME": "/nonexistent"].merging(environment) { _, new in new }
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        // Short texts: neither pipe fills up while the other is read.
        let (out, err) = (
            output.fileHandleForReading.readDataToEndOfFile(),
            errors.fileHandleForReading.readDataToEndOfFile()
        )
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus,
            output: String(decoding: out, as: UTF8.self),
            errors: String(decoding: err, as: UTF8.self)
        )
    }

    @Test(.enabled(if: isRunnable, "the program is not beside the tests"))
    func `answers go to standard output with 0, refusals to standard error with their status`()
        throws
    {
        let version = try run("version")
        #expect(version.status == 0)
        #expect(version.output.hasPrefix("corral "))
        let usage = try run("frobnicate")
        #expect(usage.status == 64)
        #expect(usage.output.isEmpty && !usage.errors.isEmpty)
        let missing = try run("inspect", "/no/such.gguf")
        #expect(missing.status == 66)
        #expect(missing.errors.hasPrefix("error: /no/such.gguf"))
    }

    @Test(.enabled(if: isRunnable, "the program is not beside the tests"))
    func `without a daemon a client command says how to start one, and exits with 69`() throws {
        // Port 9 discards; nothing listens there on a machine of this century.
        let result = try run("ps", environment: ["CORRAL_URL": "http://127.0.0.1:9"])
        #expect(result.status == 69)
        #expect(result.errors.contains("corral serve"))
    }

    @Test(.enabled(if: isRunnable, "the program is not beside the tests"))
    func `a broken file is data, a wrong configuration is configuration`() throws {
        let folder = try ModelFolder()
        let bad = try folder.add("bad.gguf", Array("no model at all".utf8))
        #expect(try run("plan", bad).status == 65)
        let wrong = try folder.add("c.yaml", Array("prot: 1\n".utf8))
        let result = try run("serve", "--show-config", "--config", wrong)
        #expect(result.status == 78)
        #expect(result.errors.contains("c.yaml:1: ") && result.errors.contains("port"))
    }

    @Test(.enabled(if: isRunnable, "the program is not beside the tests"))
    func `other machines are not let in without a key`() throws {
        let result = try run("serve", "--host", "0.0.0.0", "--port", "0")
        #expect(result.status == 78)
        #expect(result.errors.contains("--insecure-allow-remote"))
    }

    @Test(.enabled(if: isRunnable, "the program is not beside the tests"))
    func `the settings that count can be shown without starting anything`() throws {
        let result = try run(
            "serve",
            "--show-config",
            "--memory",
            "3GiB",
            environment: ["CORRAL_PORT": "1234", "CORRAL_API_KEY": "hush"]
        )
        #expect(result.status == 0)
        #expect(result.output.contains("flag --memory"))
        #expect(result.output.contains("environment CORRAL_PORT"))
        #expect(!result.output.contains("hush"))
    }
}
