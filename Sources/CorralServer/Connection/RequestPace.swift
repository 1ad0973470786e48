import NIOCore

/// How much time the client of one connection has left to send the rest of a request, or the next
/// one.
///
/// It is told what happened and when, and says when the client's time is over. While a request is
/// answered the client owes nothing.
struct RequestPace {
    /// A part of a request that a client may be late with.
    enum Wait: Hashable, Sendable {
        /// The next request, of which nothing has come.
        case request
        /// The rest of a request's head.
        case head
        /// The rest of a request's body.
        case body
    }

    private let idle: TimeAmount
    private let head: TimeAmount
    private let body: TimeAmount
    private let bodyRate: Int64

    /// Requests whose head, and whose end, has come; answers begun, and ended.
    private var heads = 0
    private var ends = 0
    private var answersBegun = 0
    private var answersEnded = 0

    private var isHeadBegun = false
    private var since: NIODeadline
    private var lastBody: NIODeadline
    private var bodyBytes: Int64 = 0

    /// A connection that opens at `now`.
    init(_ configuration: ServerConfiguration, now: NIODeadline) {
        idle = TimeAmount(configuration.idleTimeout)
        head = TimeAmount(configuration.headTimeout)
        body = TimeAmount(configuration.bodyTimeout)
        bodyRate = Int64(max(1, configuration.bodyRate))
        since = now
        lastBody = now
    }

    /// What the client is to send next; `nil` while it waits for an answer.
    var awaited: Wait? {
        if ends > answersEnded { return nil }
        if heads > ends { return .body }
        return isHeadBegun ? .head : .request
    }

    /// When the client's time is over; `nil` while it owes nothing.
    var deadline: NIODeadline? {
        switch awaited {
        case nil: nil
        case .request: since + idle
        case .head: since + head
        case .body: min(lastBody + body, since + body + .seconds(bodyBytes / bodyRate))
        }
    }

    /// Whether the client would take an answer that is sent now for the answer to its request: no
    /// other answer has begun.
    var canAnswer: Bool {
        awaited != nil && answersBegun == answersEnded && answersEnded <= ends
    }

    /// Whether more of a request's body comes although its answer has ended.
    var isDraining: Bool { heads > ends && answersEnded >= heads }

    /// Bytes came and made no part of a request complete.
    mutating func bytesCame(now: NIODeadline) {
        guard heads == ends, !isHeadBegun else { return }
        isHeadBegun = true
        since = now
    }

    /// The head of a request is complete.
    mutating func headCame(now: NIODeadline) {
        heads += 1
        isHeadBegun = false
        restart(now)
    }

    /// Some of its body came.
    mutating func bodyCame(_ bytes: Int, now: NIODeadline) {
        bodyBytes += Int64(bytes)
        lastBody = now
    }

    /// The request is complete.
    mutating func requestEnded() { ends += 1 }

    /// An answer begins.
    mutating func answerBegan() { answersBegun += 1 }

    /// The answer has ended, and the client's time begins again.
    mutating func answerEnded(now: NIODeadline) {
        answersEnded += 1
        restart(now)
    }

    private mutating func restart(_ now: NIODeadline) {
        since = now
        lastBody = now
        bodyBytes = 0
    }
}
