import CorralCache
import CorralMemory
import CorralSimulator
import CorralWire
import Foundation
import Testing

@testable import corral

@Suite struct DecisionTests {
    private static let why = """
        {"model": "m", "role": "chat", "state": "absent", "policy": "value", "decisions": [
          {"number": 2, "decision": "evicted", "time_seconds": 50, "ago_seconds": 65,
           "for": {"model": "e", "role": "embed"}, "needed": {"host": 1073741824},
           "free": {"host": 536870912}, "candidates": [
            {"model": "k", "role": "chat", "fate": "kept", "bytes": 4096, "idle_seconds": 3,
             "score": 12.5, "reload_seconds": 9, "seconds_to_next_use": 20},
            {"model": "m", "role": "chat", "fate": "evicted", "bytes": 2147483648,
             "idle_seconds": 600, "score": 0.25, "reload_seconds": 3, "seconds_to_next_use": 7200}
           ]},
          {"number": 1, "decision": "refused", "time_seconds": 1, "ago_seconds": 114,
           "for": {"model": "m", "role": "chat"}, "needed": {"host": 9}, "free": {"host": 1},
           "code": "too_large", "message": "It is too large.", "candidates": []}]}
        """

    private func shown(limit: Int) throws -> String {
        let answer = try JSONDecoder.corral.decode(WhyAnswer.self, from: Data(Self.why.utf8))
        let recording = Recording()
        Why.show(answer, limit: limit, recording.console(width: 120))
        return recording.output
    }

    @Test func `why says what was decided, for whom, and what was thought of each`() throws {
        let text = try shown(limit: 5)
        for words in [
            "m (chat) is not in memory.",
            "1m 5s ago: evicted to make room for e (embed), which needed 1.00 GiB, with 512 MiB free",
            "m      chat  evicted  2.00 GiB", "2h", "0.25",
            "1m 54s ago: refused (too_large): It is too large.",
        ] {
            #expect(text.contains(words), "\(words) in \(text)")
        }
        // Who had to go comes first.
        let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }
        let first = lines.firstIndex { $0.hasPrefix("m ") && $0.contains("evicted") }
        let second = lines.firstIndex { $0.hasPrefix("k ") }
        #expect(try #require(first) < (try #require(second)))
    }

    @Test func `what is left out is counted`() throws {
        #expect(try shown(limit: 1).contains("1 earlier; --limit 2 shows all."))
        #expect(!(try shown(limit: 1).contains("too_large")))
    }

    @Test(arguments: [
        ("resident", "would not wait"), ("loading", "is being loaded"),
        ("fits", "into free memory, in about 2s"), ("evicts", "once 1 model had gone"),
        ("waits", "would have to wait"), ("refused", "refused (too_large): No."),
    ])
    func `what-if answers in a sentence`(outcome: String, words: String) throws {
        let candidate = Candidate(
            NamedModel(model: "v", role: "chat"),
            fate: "evicted",
            bytes: 1024,
            idleSeconds: 5,
            score: 1,
            reloadSeconds: 2,
            secondsToNextUse: nil
        )
        var answer = WhatIfAnswer(
            NamedModel(model: "m", role: "chat"),
            outcome: outcome,
            needed: ["host": 1 << 30],
            free: ["host": 0],
            limit: ["host": 2 << 30],
            contextTokens: 4096,
            loadSeconds: 2,
            waitSeconds: 3,
            candidates: [candidate]
        )
        answer.code = "too_large"
        answer.message = "No."
        let recording = Recording()
        WhatIfLoad.show(answer, recording.console(width: 120))
        #expect(recording.output.contains(words), "\(recording.output)")
        let isTold = ["evicts", "waits", "refused"].contains(outcome)
        #expect(recording.output.contains("NEXT USE IN") == isTold)
    }
}

@Suite struct RecordingSessionTests {
    private func status(_ uptime: Double, _ models: String = "") throws -> DaemonStatus {
        let json = """
            {"uptime_seconds": \(uptime), "policy": "value", "waiting": 0, "models": [\(models)],
             "memory": {"budget": {}, "limit": {}, "reserved": {}}}
            """
        return try JSONDecoder.corral.decode(DaemonStatus.self, from: Data(json.utf8))
    }

    private static let model = """
        {"model": "m", "role": "chat", "state": "resident", "progress": 1, "pinned": false,
         "context_tokens": 1, "planned": {"total": {"host": 5000}}, "keep_alive": "auto",
         "leases": 0, "waiting": 0, "loads": 2, "load_seconds": 5}
        """

    @Test(arguments: [false, true])
    func `events and statuses make a workload, with names or without`(isAnonymous: Bool) throws {
        var session = RecordingSession(try status(100, Self.model), isAnonymous: isAnonymous)
        let events = [
            #"{"event":"lease_granted","time_seconds":110,"model":"m","role":"chat","hit":true,"waited_seconds":2}"#,
            #"{"event":"lease_released","time_seconds":113,"model":"m","role":"chat","held_seconds":3}"#,
            #"{"event":"limit_changed","time_seconds":113,"limit":{"host":1}}"#, "no JSON",
        ]
        for event in events.compactMap({ RecordedEvent($0) }) { session.note(event) }
        session.finish(try status(130))
        #expect(session.seconds == 30)
        #expect(session.workload.requests == [Workload.Request(time: 8, model: 0, service: 3)])
        let model = session.workload.models[0]
        #expect(model.name == (isAnonymous ? "chat-1" : "m (chat)"))
        #expect(model.bytes == ByteCount(5000))
        #expect(model.loadSeconds == ["load_s_observed": 2.5])
    }
}
