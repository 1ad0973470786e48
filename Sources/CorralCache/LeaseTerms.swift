/// What a request asks for beside its model.
struct LeaseTerms: Sendable {
    var minimumContext = 0
    var keepAlive: KeepAlive?
    var maximumWait: Duration?
    var priority = RequestPriority.interactive
}
