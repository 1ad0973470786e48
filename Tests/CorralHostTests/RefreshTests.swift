import Testing

@testable import CorralHost

@Suite struct RefreshScheduleTests {
    @Test func `the first question waits as long as the command may run`() {
        var schedule = RefreshSchedule()
        #expect(schedule.step(now: .zero) == .start)
        schedule.started(now: .zero)
        #expect(schedule.step(now: .seconds(1)) == .wait(.seconds(4)))
        #expect(schedule.step(now: .seconds(5)) == .stop)
    }

    @Test func `an answer is fresh for a second, and an old one is renewed with little patience`() {
        var schedule = RefreshSchedule()
        schedule.started(now: .zero)
        schedule.answered(now: .seconds(1))
        #expect(schedule.step(now: .milliseconds(1_999)) == .useAnswer)
        #expect(schedule.step(now: .seconds(2)) == .start)
        schedule.started(now: .seconds(2))
        #expect(schedule.step(now: .seconds(2)) == .wait(.milliseconds(150)))
        #expect(schedule.step(now: .milliseconds(6_950)) == .wait(.milliseconds(50)))
        #expect(schedule.step(now: .seconds(7)) == .stop)
    }

    @Test func `a failure is not repeated for a minute`() {
        var schedule = RefreshSchedule()
        schedule.started(now: .zero)
        schedule.failed(now: .seconds(5))
        #expect(schedule.step(now: .seconds(64)) == .useAnswer)
        #expect(schedule.step(now: .seconds(65)) == .start)
    }
}
