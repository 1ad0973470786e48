import CorralDialects
import Testing

@testable import CorralServer

@Suite struct ListenerCountTests {
    @Test func `as many listen as may, and one more when one has gone`() throws {
        let listeners = ListenerCount(limit: 2)
        var passes = [try listeners.admit(), try listeners.admit()]
        let error = #expect(throws: RequestError.self) { try listeners.admit() }
        #expect(error?.code == .tooManyListeners && error?.retryAfter == 5)
        passes.removeLast()
        #expect(listeners.count == 1)
        passes.append(try listeners.admit())
        #expect(listeners.count == 2)
    }
}
