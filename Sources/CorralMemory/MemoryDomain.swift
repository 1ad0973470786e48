/// A pool of memory that is full or not independently of every other.
///
/// A machine with unified memory (Apple silicon, most integrated GPUs) has the
/// host domain alone.
public enum MemoryDomain: Hashable, Sendable {
    /// The memory of the machine: what a process allocates or maps.
    case host
    /// The memory of one accelerator, by llama.cpp's device index.
    case gpu(Int)
}

extension MemoryDomain: Comparable {
    /// Orders the host first, then accelerators by index.
    public static func < (lhs: MemoryDomain, rhs: MemoryDomain) -> Bool {
        lhs.order < rhs.order
    }

    private var order: Int {
        switch self {
        case .host: -1
        case .gpu(let index): index
        }
    }
}

extension MemoryDomain: CustomStringConvertible {
    /// `host`, `gpu0`, `gpu1` …: the name used in answers and options.
    public var description: String {
        switch self {
        case .host: "host"
        case .gpu(let index): "gpu\(index)"
        }
    }

    /// Reads a name as ``description`` writes it.
    ///
    /// - Returns: `nil` for any other text.
    public init?(parsing text: some StringProtocol) {
        if text == "host" {
            self = .host
        } else if text.hasPrefix("gpu"), let index = Int(text.dropFirst(3)),
            index >= 0, text == "gpu\(index)"
        {
            self = .gpu(index)
        } else {
            return nil
        }
    }
}
