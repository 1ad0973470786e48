import CorralCache
import CorralJSON
import CorralMemory
import CorralTesting
import CorralWire
import Testing

@testable import CorralObservability

/// What the cache tells, in the shapes of `/corral/v1`.
@Suite struct StatusReportTests {
    private static let chat = ModelID(path: "/models/chat.gguf", role: .chat)
    private static let other = ModelID(path: "/models/other.gguf", role: .embed, profile: "long")

    private let report = StatusReport(
        ModelNames([(Self.chat, "tiny-chat")], isRoute: { _ in false })
    )

    private func text(_ kind: CacheEvent.Kind, of model: ModelID? = Self.chat) -> String {
        let event = CacheEvent(
            time: CacheInstant(sinceStart: .milliseconds(1500)),
            model: model,
            kind: kind
        )
        return JSONValue(encoding: report.event(event)).text
    }

    private static let footprint = Footprint(
        exclusive: .host(ByteCount(2)),
        shared: [SharedPart(name: "/models/chat.gguf", bytes: .host(ByteCount(3)))]
    )
    private static let measured = MeasuredMemory(
        exclusive: .host(ByteCount(4)),
        fileBacked: ByteCount(5)
    )

    private static let kinds: [(CacheEvent.Kind, String)] = [
        (
            .leaseGranted(hit: false, waited: .seconds(2)),
            #""event":"lease_granted",%,"hit":false,"waited_seconds":2.0"#
        ),
        (.leaseReleased(held: .seconds(2)), #""event":"lease_released",%,"held_seconds":2.0"#),
        (.requestQueued(waiting: 2), #""event":"request_queued",%,"waiting":2"#),
        (
            .requestRefused(ModelCacheError(.tooLarge, message: "No /models/chat.gguf")),
            #""event":"request_refused",%,"code":"too_large","message":"No tiny-chat""#
        ),
        (
            .loadStarted(planned: footprint),
            #""event":"load_started",%,"planned":{"total":{"host":5},"exclusive":{"host":2},"shared":[{"host":3}]}"#
        ),
        (
            .loadFinished(took: .seconds(1), measured: nil),
            #""event":"load_finished",%,"took_seconds":1.0,"measured":null"#
        ),
        (
            .loadFinished(took: .seconds(1), measured: measured),
            #""event":"load_finished",%,"took_seconds":1.0,"measured":{"exclusive":{"host":4},"file_backed":5}"#
        ),
        (
            .loadFailed(message: "/x/y broke", retryAfter: .seconds(1)),
            #""event":"load_failed",%,"message":"y broke","retry_after_seconds":1.0"#
        ),
        (.loadCancelled, #""event":"load_cancelled",%"#),
        (
            .measured(measured, aboveBudget: .host(ByteCount(1))),
            #""event":"measured",%,"measured":{"exclusive":{"host":4},"file_backed":5},"above_budget":{"host":1}"#
        ),
        (.draining(.idle), #""event":"draining",%,"reason":"idle""#),
        (.drainCancelled, #""event":"drain_cancelled",%"#),
        (
            .unloadStarted(.evicted(for: other, because: "worth less")),
            #""event":"unload_started",%,"reason":"space","for":{"model":"other.gguf","role":"embed","profile":"long"},"because":"worth less""#
        ),
        (
            .unloadFinished(returned: .host(ByteCount(5))),
            #""event":"unload_finished",%,"returned":{"host":5}"#
        ),
        (
            .exited(message: "signal 9", leases: 1),
            #""event":"exited",%,"message":"signal 9","leases":1"#
        ),
        (.pinChanged(true), #""event":"pin_changed",%,"pinned":true"#),
        (.prefetchStarted(confidence: 0.5), #""event":"prefetch_started",%,"confidence":0.5"#),
        (.readAheadStarted, #""event":"read_ahead_started",%"#),
    ]

    @Test(arguments: 0..<kinds.count)
    func `an event is told with its members in order, and names for paths`(index: Int) {
        let (kind, expected) = Self.kinds[index]
        let model = #""time_seconds":1.5,"model":"tiny-chat","role":"chat""#
        #expect(text(kind) == "{\(expected.replacing("%", with: model))}")
    }

    @Test func `an event of no model names none`() {
        #expect(
            text(.limitChanged(.host(ByteCount(7))), of: nil)
                == #"{"event":"limit_changed","time_seconds":1.5,"limit":{"host":7}}"#
        )
        #expect(
            text(.shutdownStarted, of: nil) == #"{"event":"shutdown_started","time_seconds":1.5}"#
        )
    }

    @Test func `a hint's refusal names the model, and no path`() {
        let outcome = HintOutcome(
            model: Self.chat,
            result: .declined,
            reason: "/models/chat.gguf is no model"
        )
        #expect(
            JSONValue(encoding: report.hints([outcome])).text == #"""
                {"models":[{"model":"tiny-chat","role":"chat","result":"declined",\#
                "reason":"tiny-chat is no model"}]}
                """#
        )
    }
}
