extension MemoryBudget: CustomStringConvertible {
    /// `75%`, `12.5%` or `12.0 GiB`.
    public var description: String {
        switch self {
        case .share(let fraction):
            let percent = (fraction * 1000).rounded() / 10
            guard let whole = Int(exactly: percent) else { return "\(percent)%" }
            return "\(whole)%"
        case .bytes(let bytes): return "\(bytes)"
        }
    }

    /// Reads `75%`, `0.75` or a size such as `12GiB`.
    ///
    /// - Returns: `nil` where ``init(argument:)`` throws.
    public init?(parsing text: some StringProtocol) {
        do {
            try self.init(argument: text)
        } catch {
            return nil
        }
    }

    /// Reads `75%`, `0.75` or a size such as `12GiB`, as a person wrote it.
    ///
    /// - Throws: ``MemoryBudgetError`` when `text` is neither, when the share is not
    ///   above 0 and at most 100 %, or when the size is under 1 MiB, which is a
    ///   forgotten unit.
    public init(argument text: some StringProtocol) throws(MemoryBudgetError) {
        let argument = String(text)
        let written = Self.trimmed(argument)
        if written.hasSuffix("%") {
            guard let percent = Self.decimal(Self.trimmed(written.dropLast())) else {
                throw MemoryBudgetError(code: .unreadable, argument: argument)
            }
            guard percent > 0, percent <= 100 else {
                throw MemoryBudgetError(code: .shareOutOfRange, argument: argument)
            }
            self = .share(percent / 100)
        } else if written.contains("."), let share = Self.decimal(written) {
            guard share > 0, share <= 1 else {
                throw MemoryBudgetError(code: .shareOutOfRange, argument: argument)
            }
            self = .share(share)
        } else {
            guard let bytes = ByteCount(parsing: written) else {
                throw MemoryBudgetError(code: .unreadable, argument: argument)
            }
            guard bytes >= .mebibytes(1) else {
                throw MemoryBudgetError(code: .tooSmall, argument: argument)
            }
            self = .bytes(bytes)
        }
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let tail = text.drop { $0.isWhitespace }
        return String(tail.reversed().drop { $0.isWhitespace }.reversed())
    }

    /// A number in digits and a point alone, not `inf`, `0x1p3` or `1e9`.
    private static func decimal(_ text: String) -> Double? {
        guard text.allSatisfy({ $0 == "." || ("0"..."9").contains($0) }) else { return nil }
        return Double(text)
    }
}
