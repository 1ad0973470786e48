/// A number of bytes.
///
/// Arithmetic saturates at the bounds of `Int64`: a hostile model header may
/// claim sizes whose sum overflows, and such a plan must read as "more than any
/// machine has", never trap and never wrap around to something that fits.
public struct ByteCount: Hashable, Sendable {
    /// The count, in bytes; negative only as a difference.
    public var rawValue: Int64

    /// Creates a count of `rawValue` bytes.
    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// Creates a count from any integer, saturating where it does not fit.
    public init(clamping value: some BinaryInteger) {
        rawValue = Int64(clamping: value)
    }

    /// No bytes.
    public static let zero = ByteCount(0)

    /// The largest count: what saturated arithmetic yields.
    public static let max = ByteCount(.max)

    /// `count` × 1,024 bytes.
    public static func kibibytes(_ count: Int64) -> ByteCount {
        ByteCount(count) * (1 << 10)
    }

    /// `count` × 1,024² bytes.
    public static func mebibytes(_ count: Int64) -> ByteCount {
        ByteCount(count) * (1 << 20)
    }

    /// `count` × 1,024³ bytes.
    public static func gibibytes(_ count: Int64) -> ByteCount {
        ByteCount(count) * (1 << 30)
    }

    /// This count scaled by `fraction`, rounded towards zero, saturating; zero if
    /// `fraction` is not a number.
    public func scaled(by fraction: Double) -> ByteCount {
        let product = (Double(rawValue) * fraction).rounded(.towardZero)
        guard !product.isNaN else { return .zero }
        return ByteCount(Int64(exactly: product) ?? (product > 0 ? .max : .min))
    }
}

extension ByteCount: Comparable, AdditiveArithmetic {
    /// Whether `lhs` is the smaller count.
    public static func < (lhs: ByteCount, rhs: ByteCount) -> Bool {
        lhs.rawValue < rhs.rawValue
    }

    /// The sum, saturating.
    public static func + (lhs: ByteCount, rhs: ByteCount) -> ByteCount {
        let (sum, overflow) = lhs.rawValue.addingReportingOverflow(rhs.rawValue)
        return ByteCount(overflow ? (rhs.rawValue > 0 ? .max : .min) : sum)
    }

    /// The difference, which may be negative, saturating.
    public static func - (lhs: ByteCount, rhs: ByteCount) -> ByteCount {
        let (difference, overflow) = lhs.rawValue.subtractingReportingOverflow(rhs.rawValue)
        return ByteCount(overflow ? (rhs.rawValue < 0 ? .max : .min) : difference)
    }

    /// `lhs` repeated `rhs` times, saturating.
    public static func * (lhs: ByteCount, rhs: Int64) -> ByteCount {
        let (product, overflow) = lhs.rawValue.multipliedReportingOverflow(by: rhs)
        return ByteCount(overflow ? ((lhs.rawValue > 0) == (rhs > 0) ? .max : .min) : product)
    }
}
