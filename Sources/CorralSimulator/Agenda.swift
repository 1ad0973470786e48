/// The events that are to come, earliest first; of two at one time, the one that was entered first.
struct Agenda<Event> {
    private struct Entry {
        var time: Double
        var number: Int
        var event: Event

        func comes(before other: Entry) -> Bool {
            (time, number) < (other.time, other.number)
        }
    }

    /// A binary heap: no entry comes before its parent, which stands at half its position.
    private var heap: [Entry] = []
    private var count = 0

    mutating func add(_ event: Event, at time: Double) {
        count += 1
        heap.append(Entry(time: time, number: count, event: event))
        var child = heap.count - 1
        while child > 0, heap[child].comes(before: heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() -> (time: Double, event: Event)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return (first.time, first.event) }
        heap[0] = last
        var parent = 0
        while true {
            var earliest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].comes(before: heap[earliest]) { earliest = child }
            }
            if earliest == parent { return (first.time, first.event) }
            heap.swapAt(parent, earliest)
            parent = earliest
        }
    }
}
