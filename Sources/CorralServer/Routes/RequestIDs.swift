import Synchronization

/// Names requests that come without a name: a prefix drawn at random, so that two
/// servers' names differ, and a number.
final class RequestIDs: Sendable {
    private let prefix: String
    private let count = Atomic<UInt64>(0)

    init(using generator: inout some RandomNumberGenerator) {
        prefix = String(UInt32.random(in: .min ... .max, using: &generator), radix: 36)
    }

    func next() -> String {
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        return "\(prefix)-\(number)"
    }
}
