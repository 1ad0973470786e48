/// Which cells of a context's memory are in use: one for each token, counted once however many
/// sequences share it.
struct CellLedger: Sendable {
    private var holders: [Int: Int] = [:]
    private var next = 0

    /// The cells in use.
    var used: Int { holders.count }

    /// Takes new cells.
    mutating func take(_ count: Int) -> [Int] {
        let cells = Array(next..<next + count)
        next += count
        for cell in cells { holders[cell] = 1 }
        return cells
    }

    /// Has one more sequence hold cells.
    mutating func share(_ cells: some Sequence<Int>) {
        for cell in cells { holders[cell, default: 0] += 1 }
    }

    /// Gives cells back; those nobody else holds are free.
    mutating func release(_ cells: some Sequence<Int>) {
        for cell in cells {
            guard let count = holders[cell] else { continue }
            holders[cell] = count > 1 ? count - 1 : nil
        }
    }
}
