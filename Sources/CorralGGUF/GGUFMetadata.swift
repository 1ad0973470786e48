/// The keys and values of a file, in the file's order.
public struct GGUFMetadata: Hashable, Sendable {
    /// The keys in the order of the file.
    public private(set) var keys: [String] = []

    private var values: [String: GGUFValue] = [:]

    /// No keys at all.
    public init() {}

    /// The value of `key`, found in constant time.
    public subscript(key: String) -> GGUFValue? { values[key] }

    /// The value of `key` where it is an integer of any type and not negative.
    public func unsigned(_ key: String) -> UInt64? { values[key]?.unsigned }

    /// The value of `key` where it is an integer of any type up to `Int64.max`.
    public func signed(_ key: String) -> Int64? { values[key]?.signed }

    /// The value of `key` where it is a number of any type.
    public func double(_ key: String) -> Double? { values[key]?.double }

    /// The value of `key` where it is a bool.
    public func bool(_ key: String) -> Bool? { values[key]?.bool }

    /// The value of `key` where it is a string.
    public func string(_ key: String) -> String? { values[key]?.string }

    /// The value of `key` where it is an array of any integer type, kept in memory.
    public func integers(_ key: String) -> [Int64]? { values[key]?.array?.integers }

    /// The value of `key` where it is an array of any number type, kept in memory.
    public func doubles(_ key: String) -> [Double]? { values[key]?.array?.doubles }

    /// The value of `key` where it is an array of bools, kept in memory.
    public func bools(_ key: String) -> [Bool]? { values[key]?.array?.bools }

    /// The value of `key` where it is an array of strings, kept in memory; a vocabulary is not, see
    /// ``GGUFFile/array(_:)``.
    public func strings(_ key: String) -> [String]? { values[key]?.array?.strings }

    /// How many elements the array at `key` has, kept in memory or not.
    public func arrayCount(_ key: String) -> UInt64? { values[key]?.array?.count }

    /// Adds a value behind the others.
    ///
    /// - Returns: False, with nothing changed, where `key` is there already.
    public mutating func append(_ key: String, _ value: GGUFValue) -> Bool {
        guard values[key] == nil else { return false }
        values[key] = value
        keys.append(key)
        return true
    }
}
