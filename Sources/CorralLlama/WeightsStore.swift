import Dispatch
import Synchronization

/// The weights in memory, each file's once.
///
/// The store keeps no weights alive: they are freed with the last context that uses them.
final class WeightsStore: Sendable {
    private struct Held {
        weak var weights: Weights?
    }

    private enum Entry {
        case loading(DispatchGroup)
        case loaded(Held)
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// How long a thread that waits for another's load sleeps before it looks whether it is still
    /// wanted.
    private static let wait = DispatchTimeInterval.milliseconds(20)

    /// The weights of a name, loaded by the first who asks; blocks while they are.
    ///
    /// - Parameters:
    ///   - name: What tells these weights from others.
    ///   - isWanted: Whether the caller still wants them.
    ///   - load: Loads them.
    /// - Returns: The weights; `nil` where they could not be loaded, or are not wanted any more.
    func weights(
        _ name: String,
        isWanted: () -> Bool,
        load: () -> Weights?
    ) -> Weights? {
        while isWanted() {
            let group = DispatchGroup()
            group.enter()
            let found = entries.withLock { entries -> (Weights?, DispatchGroup?) in
                switch entries[name] {
                case .loaded(let held):
                    if let weights = held.weights { return (weights, nil) }
                case .loading(let other): return (nil, other)
                case nil: break
                }
                entries[name] = .loading(group)
                return (nil, nil)
            }
            if let weights = found.0 {
                group.leave()
                return weights
            }
            guard let other = found.1 else {
                let weights = load()
                entries.withLock { entries in
                    entries[name] = weights.map { .loaded(Held(weights: $0)) }
                    entries = entries.filter {
                        if case .loaded(let held) = $0.value { held.weights != nil } else { true }
                    }
                }
                group.leave()
                return weights
            }
            group.leave()
            // If the other thread's load fails, this one tries itself.
            while isWanted(), other.wait(timeout: .now() + Self.wait) == .timedOut {}
        }
        return nil
    }
}
