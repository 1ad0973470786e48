import ArgumentParser
import CorralCache
import CorralDaemon
import CorralGGUF
import CorralMemory
import CorralPlanner
import CorralWire
import Foundation
import Testing

@testable import corral

struct CommandLineTests {
    @Test func `options of serve become settings, and none that is not given does`() throws {
        let command = try #require(
            try Corral.parseAsRoot([
                "serve", "--models", "/a", "--models", "/b", "--memory", "1GiB", "--port", "0",
                "--api-key", "k", "--insecure-allow-remote", "--log-format", "json",
            ]) as? Serve
        )
        #expect(
            command.flags == [
                .folders: ["/a", "/b"], .memory: ["1GiB"], .port: ["0"], .apiKey: ["k"],
                .allowRemote: ["true"], .logFormat: ["json"],
            ]
        )
        let bare = try #require(try Corral.parseAsRoot(["serve"]) as? Serve)
        #expect(bare.flags.isEmpty)
    }

    @Test func `every setting has an option of serve`() {
        let help = Corral.helpMessage(for: Serve.self, columns: 300)
        for setting in Setting.allCases {
            #expect(help.contains("--\(setting.flag) ") || help.contains("--\(setting.flag)\n"))
        }
    }

    @Test(arguments: [
        ["frobnicate"], ["plan"], ["plan", "a.gguf", "--context", "0"],
        ["plan", "a.gguf", "--kv-type", "q9"], ["plan", "a.gguf", "--memory", "lots"],
        ["inspect"], ["inspect", "a.gguf", "--time", "0"], ["stop"], ["stop", "m", "--all"],
        ["load", "m", "--role", "dance"], ["rerank", "m"], ["rerank", "m", "q", "--top", "0"],
        ["serve", "--no-such"],
    ])
    func `wrong usage exits with 64`(arguments: [String]) {
        let error = #expect(throws: (any Error).self) {
            _ = try Corral.parseAsRoot(arguments)
        }
        #expect(error.map { Corral.exitCode(for: $0) } == .validationFailure)
        #expect(ExitCode.validationFailure.rawValue == CommandFailure.Status.usage.rawValue)
    }

    @Test func `each kind of failure has its own status`() {
        let missing = GGUFError(.unreadable, at: 0, "gone")
        let broken = GGUFError(.truncated, at: 0, "cut")
        let option = PlanError(.unsupportedOption, "no")
        let wrong = ConfigurationError(.malformed, "no")
        #expect(CommandFailure(missing).status == .input)
        #expect(CommandFailure(broken).status == .data)
        #expect(CommandFailure(option).status == .usage)
        #expect(CommandFailure(wrong).status == .configuration)
        #expect(CommandFailure(CancellationError()).status == .failure)
        let own = CommandFailure(.unavailable, "nobody")
        #expect(CommandFailure(own) == own)
    }

    @Test func `a status for people shows the models, the bar and the queue`() {
        var model = DaemonStatus.ModelState(
            name: NamedModel(model: "m", role: "chat"),
            state: "loading",
            progress: 0.5,
            pinned: true,
            contextTokens: 4096,
            keepAlive: .untilEvicted,
            leases: 2,
            waiting: 3
        )
        model.planned = FootprintValue(total: ["host": 1 << 30])
        model.measured = MeasuredValue(exclusive: ["host": 1 << 29], fileBacked: 1 << 28)
        model.idleSeconds = 65
        let status = DaemonStatus(
            uptimeSeconds: 60,
            policy: "lru",
            waiting: 1,
            memory: .init(
                budget: ["host": 4 << 30],
                limit: ["host": 3 << 30],
                reserved: ["host": 1 << 30]
            ),
            models: [DaemonStatus.Model(model)]
        )
        let recording = Recording()
        StatusView(status).print(to: recording.console(width: 200))
        let text = recording.output
        for word in [
            "m (pinned)", "loading 50%", "1.00 GiB", "768 MiB", "4096", "2 +3", "1m 5s",
            "until evicted", "1.00 GiB of 4.00 GiB, 1.00 GiB taken by others", "1 request waits",
        ] {
            #expect(text.contains(word), "\(word) in \(text)")
        }
        #expect(!text.contains("Oversubscribed"))
    }

    @Test func `a machine that only swaps says so, and what would help`() throws {
        let json = """
            {"uptime_seconds": 60, "policy": "value", "waiting": 0, "models": [],
             "memory": {"budget": {}, "limit": {}, "reserved": {}},
             "pressure": {"loading_share": 0.9, "reloading_share": 0.66, "oversubscribed": true}}
            """
        let status = try JSONDecoder.corral.decode(DaemonStatus.self, from: Data(json.utf8))
        let recording = Recording()
        StatusView(status).print(to: recording.console(width: 200))
        #expect(recording.output.contains("Oversubscribed: 66 %"))
    }

    @Test(arguments: [("-1", "until evicted"), ("65", "1m 5s"), ("\"auto\"", "auto")])
    func `a keep-alive is told in seconds or in words`(json: String, text: String) throws {
        let view = try JSONDecoder.corral.decode(KeepAliveValue.self, from: Data(json.utf8))
        #expect(view.text == text)
    }

    @Test(arguments: [
        (UInt64(999), "999"), (1000, "1K"), (1_540, "1.5K"), (134_515_008, "135M"),
        (7_241_732_096, "7.2B"), (405_853_388_800, "406B"), (1_000_000_000_000, "1T"),
    ])
    func `parameters are counted as people say them`(count: UInt64, text: String) {
        #expect(InspectReport.short(count) == text)
    }
}
