/// The operations of one batch in the order llama.cpp computes them, as far as memory goes: what
/// each result takes and what it reads.
///
/// ``peakBytes`` replays ggml's allocator over them (`ggml-alloc.c`, llama.cpp b11434): inputs
/// first, a result in the place of an operand where the operation allows, else in the free block
/// that fits best, and memory freed when nothing later reads it.
struct GraphSketch {
    /// A result, by its place in the order.
    struct Value: Hashable {
        fileprivate let index: Int
        let bytes: Int64
    }

    struct Node {
        var bytes: Int64
        /// The value this one is a view of; -1 where it has memory of its own.
        var root: Int
        var sources: Range<Int>
        var reuses: Bool
        var isInput = false
        var isOutput = false
    }

    private(set) var nodes: [Node] = []
    private(set) var sources: [Int] = []
    /// The results that llama.cpp adds to its graph by name, in that order; each brings along what
    /// it reads.
    private(set) var roots: [Int] = []

    /// A tensor the caller fills before the batch, such as the mask.
    mutating func input(_ bytes: Int64) -> Value {
        var node = Node(bytes: Self.padded(bytes), root: -1, sources: 0..<0, reuses: false)
        node.isInput = true
        return append(node)
    }

    /// A result in memory of its own.
    @discardableResult
    mutating func make(_ bytes: Int64, _ operands: Value?...) -> Value {
        append(bytes, operands, reuses: false)
    }

    /// A result of the first operand's size that may take any operand's place.
    mutating func reuse(_ operands: Value?...) -> Value {
        append(operands.first??.bytes ?? 0, operands, reuses: true)
    }

    /// Another look at a value's memory, which keeps it alive and keeps it from being reused.
    ///
    /// Operands besides are what changes that memory (`ggml_add_inplace`, `ggml_set_rows`).
    mutating func view(_ value: Value, bytes: Int64? = nil, reading operands: Value...) -> Value {
        let root = nodes[value.index].root < 0 ? value.index : nodes[value.index].root
        let start = sources.count
        sources.append(value.index)
        for operand in operands { sources.append(operand.index) }
        let size = bytes ?? value.bytes
        return append(
            Node(bytes: size, root: root, sources: start..<sources.count, reuses: false)
        )
    }

    /// Values written into memory that is there already, such as the cache.
    mutating func store(_ operands: Value?...) {
        roots.append(append(0, operands, reuses: false).index)
    }

    /// Adds a value to the graph before what llama.cpp builds next (`ggml_build_forward_expand`).
    ///
    /// The order of results is that of the calls here; this tells in which order inputs are met.
    mutating func expand(_ value: Value?) {
        if let value { roots.append(value.index) }
    }

    /// Keeps a value to the end.
    mutating func keep(_ value: Value) { nodes[value.index].isOutput = true }

    private mutating func append(_ bytes: Int64, _ operands: [Value?], reuses: Bool) -> Value {
        let start = sources.count
        for operand in operands { if let operand { sources.append(operand.index) } }
        return append(
            Node(
                bytes: Self.padded(bytes),
                root: -1,
                sources: start..<sources.count,
                reuses: reuses
            )
        )
    }

    private mutating func append(_ node: Node) -> Value {
        nodes.append(node)
        return Value(index: nodes.count - 1, bytes: node.bytes)
    }

    /// TENSOR_ALIGNMENT in `ggml-impl.h`.
    private static func padded(_ bytes: Int64) -> Int64 {
        bytes > .max - 64 ? bytes : bytes.padded(to: 32)
    }
}

extension GraphSketch {
    /// The inputs in the order in which ggml meets them.
    ///
    /// It walks from each root to the operands of operands, the first operand first
    /// (`ggml_visit_parents_graph`). Where in memory an input lies decides which gaps it leaves.
    private func inputsInOrder() -> [Int] {
        var order: [Int] = []
        var isMet = [Bool](repeating: false, count: nodes.count)
        var path: [Int] = []
        func meet(_ root: Int) {
            path.append(root)
            while let index = path.popLast() {
                guard !isMet[index] else { continue }
                isMet[index] = true
                if nodes[index].isInput { order.append(index) }
                for place in nodes[index].sources.reversed() where !isMet[sources[place]] {
                    path.append(sources[place])
                }
            }
        }
        for root in roots { meet(root) }
        // The last result is the last root, and what no root reads comes behind it.
        for index in nodes.indices.reversed() where !nodes[index].isInput { meet(index) }
        // An input that nothing reads is not in the graph.
        return order
    }

    /// The bytes of the buffer ggml reserves for the graph.
    var peakBytes: Int64 { peakBytes(ignoringBelow: 0) }

    /// The same without small values.
    ///
    /// - Parameter limit: The bytes of the smallest value that counts.
    /// - Returns: Bytes.
    func peakBytes(ignoringBelow limit: Int64) -> Int64 {
        let nodes = nodes.map { node in
            var node = node
            if node.bytes < limit { node.bytes = 0 }
            return node
        }
        var readers = [Int](repeating: 0, count: nodes.count)
        var views = [Int](repeating: 0, count: nodes.count)
        var address = [Int64](repeating: -1, count: nodes.count)
        var pool = MemoryPool()
        for node in nodes {
            if node.root >= 0 { views[node.root] += 1 }
            for source in node.sources { readers[sources[source]] += 1 }
        }
        for index in inputsInOrder() { address[index] = pool.allocate(nodes[index].bytes) }
        for (index, node) in nodes.enumerated() {
            if node.root < 0, !node.isInput, node.bytes > 0 {
                var place: Int64?
                if node.reuses {
                    for source in node.sources.lazy.map({ sources[$0] })
                    where nodes[source].bytes == node.bytes && address[source] >= 0
                        && nodes[source].root < 0 && !nodes[source].isOutput
                        && readers[source] == 1 && views[source] == 0
                    {
                        place = address[source]
                        address[source] = -1
                        break
                    }
                }
                address[index] = place ?? pool.allocate(node.bytes)
            }
            for source in node.sources.lazy.map({ sources[$0] }) {
                readers[source] -= 1
                guard readers[source] == 0, views[source] == 0 else { continue }
                var freed = source
                if nodes[source].root >= 0 {
                    freed = nodes[source].root
                    views[freed] -= 1
                    guard views[freed] == 0, readers[freed] == 0 else { continue }
                }
                if address[freed] >= 0, !nodes[freed].isOutput {
                    pool.free(nodes[freed].bytes, at: address[freed])
                    address[freed] = -1
                }
            }
        }
        return pool.peak
    }
}

/// ggml's allocator of one buffer (`ggml_dyn_tallocr`).
private struct MemoryPool {
    private var blocks: [(offset: Int64, size: Int64)] = [(0, .max)]
    private(set) var peak: Int64 = 0

    /// Takes the smallest block that is large enough, and what lies behind everything else only
    /// where there is none.
    mutating func allocate(_ bytes: Int64) -> Int64 {
        var best = blocks.count - 1
        var bestSize = Int64.max
        for index in 0..<(blocks.count - 1)
        where blocks[index].size >= bytes && blocks[index].size <= bestSize {
            best = index
            bestSize = blocks[index].size
        }
        let offset = blocks[best].offset
        blocks[best].offset = Self.sum(offset, bytes)
        blocks[best].size -= bytes
        if blocks[best].size == 0, best < blocks.count - 1 { blocks.remove(at: best) }
        peak = max(peak, Self.sum(offset, bytes))
        return offset
    }

    mutating func free(_ bytes: Int64, at offset: Int64) {
        let next = blocks.firstIndex { $0.offset > offset } ?? blocks.count
        let joinsNext = next < blocks.count && Self.sum(offset, bytes) == blocks[next].offset
        let joinsPrevious = next > 0 && Self.end(blocks[next - 1]) == offset
        switch (joinsPrevious, joinsNext) {
        case (true, true):
            blocks[next - 1].size = Self.sum(
                Self.sum(blocks[next - 1].size, bytes),
                blocks[next].size
            )
            blocks.remove(at: next)
        case (true, false): blocks[next - 1].size += bytes
        case (false, true):
            blocks[next].offset = offset
            blocks[next].size = Self.sum(blocks[next].size, bytes)
        case (false, false): blocks.insert((offset, bytes), at: next)
        }
    }

    private static func end(_ block: (offset: Int64, size: Int64)) -> Int64 {
        sum(block.offset, block.size)
    }

    /// Saturates: a hostile header may claim sizes whose sum is no number.
    private static func sum(_ lhs: Int64, _ rhs: Int64) -> Int64 {
        let (sum, overflow) = lhs.addingReportingOverflow(rhs)
        return overflow ? .max : sum
    }
}
