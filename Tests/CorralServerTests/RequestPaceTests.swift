import NIOCore
import Testing

@testable import CorralServer

/// How long a client may take, decided without a clock.
@Suite struct RequestPaceTests {
    private static let configuration: ServerConfiguration = {
        var configuration = ServerConfiguration()
        configuration.idleTimeout = .seconds(75)
        configuration.headTimeout = .seconds(20)
        configuration.bodyTimeout = .seconds(30)
        configuration.bodyRate = 500
        return configuration
    }()

    private func at(_ seconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(0) + .seconds(seconds)
    }

    private var opened: RequestPace { RequestPace(Self.configuration, now: at(0)) }

    @Test func `a client that says nothing has the idle time`() {
        #expect(opened.awaited == .request)
        #expect(opened.deadline == at(75))
        #expect(opened.canAnswer)
    }

    @Test func `a head has its time from its first byte, however it drips`() {
        var pace = opened
        for second: Int64 in [10, 11, 15, 29] {
            pace.bytesCame(now: at(second))
            #expect(pace.awaited == .head && pace.deadline == at(30))
        }
        pace.headCame(now: at(29))
        #expect(pace.awaited == .body && pace.deadline == at(59))
    }

    @Test func `a body may pause for a while, and must not drip`() {
        var pace = opened
        pace.headCame(now: at(0))
        #expect(pace.deadline == at(30))
        // A quick beginning earns time, but no longer pause.
        pace.bodyCame(1_000_000, now: at(1))
        #expect(pace.deadline == at(31))
        var dripping = opened
        dripping.headCame(now: at(0))
        for second in 1...40 as ClosedRange<Int64> {
            dripping.bodyCame(50, now: at(second))
            // 50 bytes a second where 500 are asked for.
            #expect(dripping.deadline == at(min(second + 30, 30 + second * 50 / 500)))
        }
    }

    @Test func `while it waits for an answer a client owes nothing`() {
        var pace = opened
        pace.headCame(now: at(0))
        pace.requestEnded()
        #expect(pace.awaited == nil && pace.deadline == nil && !pace.canAnswer)
        pace.answerBegan()
        #expect(pace.deadline == nil)
        pace.answerEnded(now: at(1000))
        #expect(pace.awaited == .request && pace.deadline == at(1075) && pace.canAnswer)
    }

    @Test func `the next request's time begins when the one before is answered`() {
        var pace = opened
        pace.headCame(now: at(0))
        pace.requestEnded()
        pace.headCame(now: at(1))
        pace.bodyCame(10, now: at(2))
        #expect(pace.deadline == nil)
        pace.answerBegan()
        pace.answerEnded(now: at(500))
        #expect(pace.awaited == .body && pace.deadline == at(530) && pace.canAnswer)
    }

    @Test func `what follows an early answer is drained, and no longer answered`() {
        var pace = opened
        pace.headCame(now: at(0))
        pace.answerBegan()
        #expect(!pace.canAnswer && !pace.isDraining)
        pace.answerEnded(now: at(1))
        #expect(pace.isDraining && !pace.canAnswer)
        #expect(pace.awaited == .body && pace.deadline == at(31))
        pace.requestEnded()
        #expect(!pace.isDraining && pace.canAnswer && pace.awaited == .request)
    }

    @Test func `a head that follows an answer counts from its own first byte`() {
        var pace = opened
        pace.headCame(now: at(0))
        pace.requestEnded()
        pace.bytesCame(now: at(1))
        #expect(pace.deadline == nil)
        pace.answerBegan()
        pace.answerEnded(now: at(60))
        #expect(pace.awaited == .head && pace.deadline == at(80))
    }
}
