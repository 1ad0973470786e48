#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The few functions of the C library that the policies need.
enum ElementaryFunctions {
    /// e to the power of `x`.
    static func exponential(_ x: Double) -> Double { exp(x) }

    /// The natural logarithm.
    static func logarithm(_ x: Double) -> Double { log(x) }

    /// What is left of 1 after `time`, if half is lost every `halfLife`.
    static func decay(over time: Double, halfLife: Double) -> Double { exp2(-time / halfLife) }

    /// The natural logarithm of two.
    static let logarithmOfTwo = 0.693_147_180_559_945_3
}
