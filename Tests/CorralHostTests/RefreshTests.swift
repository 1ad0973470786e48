#if os(Linux)
import Testing

@testable import CorralHost

@Suite struct RefreshScheduleTests {
    @Test func `the first question waits as long as the command may run`() {
        let schedule = RefreshSchedule()
        #expect(schedule.step(now: .zero) == .run)
        #expect(schedule.patience == .seconds(5))
    }

    @Test func `an answer is fresh for a second, and an old one is renewed with little patience`() {
        var schedule = RefreshSchedule()
        schedule.answered(now: .seconds(1))
        #expect(schedule.step(now: .milliseconds(1_999)) == .useAnswer)
        #expect(schedule.step(now: .seconds(2)) == .run)
        #expect(schedule.patience == .milliseconds(150))
    }

    @Test func `nobody waits longer than the command may run`() {
        var schedule = RefreshSchedule()
        schedule.timeLimit = .milliseconds(20)
        schedule.answered(now: .zero)
        #expect(schedule.patience == .milliseconds(20))
    }

    @Test func `a failure is not repeated for a minute`() {
        var schedule = RefreshSchedule()
        schedule.failed(now: .seconds(5))
        #expect(schedule.step(now: .seconds(64)) == .useAnswer)
        #expect(schedule.step(now: .seconds(65)) == .run)
    }
}
#endif
