import CorralCache
import CorralCatalogue
import CorralMemory
import DaemonFixtures
import Foundation
import Logging
import Synchronization
import Testing

@testable import CorralDaemon

struct ServingTests {
    private let environment = UserEnvironment(variables: [
        "PATH": "/usr/bin:/opt/bin", "XDG_CACHE_HOME": "/c",
    ])

    @Test func `the program that is named is taken, or refused with where it is named`() throws {
        let finder = LlamaServerFinder(isProgram: { $0 == "/mine" }, names: { _ in [] })
        let found = try finder.find(("/mine", .flag("llama-server")), environment)
        #expect(found == "/mine")
        let failure = #expect(throws: ConfigurationError.self) {
            try finder.find(("/gone", .environment("CORRAL_LLAMA_SERVER")), environment)
        }
        #expect(failure?.description.contains("CORRAL_LLAMA_SERVER") == true)
        #expect(failure?.code == .missingServer)
    }

    @Test func `a program in PATH goes before one in the cache, the newest of those first`() throws
    {
        let finder = LlamaServerFinder(
            isProgram: { $0.hasPrefix("/c/") || $0.hasPrefix("/opt/bin") },
            names: { $0 == "/c/corral/llama.cpp" ? ["b9999", "b11434", "b800"] : [] }
        )
        #expect(try finder.find(nil, environment) == "/opt/bin/llama-server")
        let built = finder.candidates(environment).filter { $0.hasPrefix("/c/") }
        #expect(
            built
                == ["b11434", "b9999", "b800"].map { "/c/corral/llama.cpp/\($0)/bin/llama-server" }
        )
    }

    @Test func `where there is no program the sentence says how to get one`() {
        let finder = LlamaServerFinder(isProgram: { _ in false }, names: { _ in [] })
        let failure = #expect(throws: ConfigurationError.self) { try finder.find(nil, environment) }
        #expect(failure?.description.contains("--llama-server") == true)
    }

    private func logged(
        _ format: Settings.LogFormat,
        _ message: Logger.Message,
        _ metadata: Logger.Metadata = [:]
    ) -> String {
        let lines = Mutex("")
        let logger = Logger(label: "corral") { label in
            LogLines(
                label: label,
                level: { .info },
                format: format,
                now: { Date(timeIntervalSince1970: 1_700_000_000) },
                write: { line in lines.withLock { $0 += line } }
            )
        }
        logger.info(message, metadata: metadata)
        logger.debug("not this")
        return lines.withLock { $0 }
    }

    @Test func `a log line for people is one line, whatever a client sent`() {
        let line = logged(.text, "asked for a\nforged line", ["model": "a b", "n": "1"])
        #expect(line == "22:13:20.000 info: asked for a\\u{a}forged line model=\"a b\" n=1\n")
    }

    @Test func `a log line for programs is one JSON object`() throws {
        let line = logged(
            .json,
            "asked\n",
            [
                "model": "m", "status": .stringConvertible(200), "hit": .stringConvertible(true),
                "seconds": .stringConvertible(0.25), "rate": .stringConvertible(Double.infinity),
                "planned": ["host": .stringConvertible(Int64(1) << 40)], "list": ["a", "b"],
            ]
        )
        #expect(line.filter { $0 == "\n" }.count == 1)
        let json = try JSONSerialization.jsonObject(with: Data(line.utf8))
        let object = try #require(json as? [String: Any])
        #expect(object["message"] as? String == "asked\n")
        #expect(object["model"] as? String == "m")
        #expect(object["level"] as? String == "info")
        #expect(object["time"] as? String == "2023-11-14T22:13:20.000Z")
        #expect(object["status"] as? Int == 200)
        #expect(line.contains("\"hit\":true"))
        #expect(object["seconds"] as? Double == 0.25)
        #expect(object["rate"] as? String == "inf")
        #expect((object["planned"] as? [String: Int])?["host"] == 1 << 40)
        #expect(object["list"] as? [String] == ["a", "b"])
    }

    @Test func `the welcome says where, what and how much`() throws {
        let folder = try ModelFolder()
        try folder.addModel("Tiny-F32.gguf")
        let host = HostMemory(
            domains: [.host: .init(limit: .gibibytes(8), available: .gibibytes(6))])
        let welcome = Welcome(
            url: "http://127.0.0.1:1",
            listing: ModelCatalogue(folders: [folder.path]).search(),
            memory: .share(0.5),
            host: host
        )
        #expect(welcome.lines.count == 3)
        #expect(welcome.lines[0].contains("http://127.0.0.1:1/v1"))
        #expect(welcome.lines[1] == "1 model: tiny (chat).")
        #expect(welcome.lines[2].contains("4.00 GiB of 8.00 GiB in host, 6.00 GiB available"))
        #expect(welcome.warnings.isEmpty)
    }

    @Test func `an empty folder and an open door are warned of`() throws {
        let folder = try ModelFolder()
        let welcome = Welcome(
            url: "http://0.0.0.0:1",
            listing: ModelCatalogue(folders: [folder.path]).search(),
            memory: .standard,
            host: HostMemory(domains: [:]),
            isOpen: true
        )
        #expect(welcome.lines[1] == "No models yet.")
        #expect(welcome.warnings.count == 2)
        #expect(welcome.warnings[0].contains("--models"))
        #expect(welcome.warnings[1].hasPrefix("ANYONE"))
    }
}
