internal import CorralGGUF

/// Reads one architecture's keys as llama.cpp does, but with bounds on every number.
///
/// The bounds are far above any real model and keep a hostile file from asking for time or memory.
struct MetadataReader {
    let metadata: GGUFMetadata
    let architecture: String

    func key(_ name: String) -> String { "\(architecture).\(name)" }

    /// True where the file has the key.
    func has(_ name: String) -> Bool { metadata[key(name)] != nil }

    /// A number the model cannot do without.
    func required(_ name: String, in range: ClosedRange<Int64>) throws(PlanError) -> Int64 {
        guard let value = try optional(name, in: range) else { throw missing(key(name)) }
        return value
    }

    /// A number, `nil` where the key is absent.
    func optional(_ name: String, in range: ClosedRange<Int64>) throws(PlanError) -> Int64? {
        let key = key(name)
        guard let value = metadata[key] else { return nil }
        return try checked(value, key, range)
    }

    /// A number, zero where the key is absent.
    func number(_ name: String, in range: ClosedRange<Int64>) throws(PlanError) -> Int64 {
        try optional(name, in: range) ?? 0
    }

    /// One number for each layer: a single one for all, or an array of exactly that length
    /// (`llama_model_loader::get_key_or_arr`); `nil` where the key is absent.
    func perLayer(
        _ name: String,
        layers: Int,
        in range: ClosedRange<Int64>
    ) throws(PlanError) -> [Int64]? {
        let key = key(name)
        guard let value = metadata[key] else { return nil }
        guard case .array(let array) = value else {
            return Array(repeating: try checked(value, key, range), count: layers)
        }
        guard array.count == UInt64(layers) else {
            throw PlanError(
                .invalidKey,
                subject: key,
                "\(key) has \(array.count) elements where the model has \(layers) layers; the file is damaged, fetch it again."
            )
        }
        return try numbers(array, key, range)
    }

    /// One flag for each layer from an array, which may be shorter or longer than the model;
    /// `nil` where the key is absent or holds a single value.
    func flags(_ name: String, layers: Int) throws(PlanError) -> [Bool]? {
        let key = key(name)
        guard case .array(let array)? = metadata[key] else { return nil }
        let values = try numbers(array, key, .min ... .max).prefix(layers).map { $0 != 0 }
        return values + Array(repeating: false, count: layers - values.count)
    }

    /// A yes or no; `nil` where the key is absent.
    func flag(_ name: String) throws(PlanError) -> Bool? {
        let key = key(name)
        guard let value = metadata[key] else { return nil }
        guard let flag = value.bool else {
            throw PlanError(
                .invalidKey,
                subject: key,
                "\(key) is of type \(value.type) where a bool is expected; the file is damaged, fetch it again."
            )
        }
        return flag
    }

    /// The numbers of an array, `nil` where the key is absent.
    func array(_ name: String, in range: ClosedRange<Int64>) throws(PlanError) -> [Int64]? {
        let key = key(name)
        guard case .array(let array)? = metadata[key] else { return nil }
        return try numbers(array, key, range)
    }

    func missing(_ key: String) -> PlanError {
        PlanError(
            .missingKey,
            subject: key,
            "The file lacks \(key), which every model of this architecture has; convert it again with a current llama.cpp."
        )
    }

    private func numbers(
        _ array: GGUFArray,
        _ key: String,
        _ range: ClosedRange<Int64>
    ) throws(PlanError) -> [Int64] {
        let integers = array.integers ?? array.bools?.map { $0 ? 1 : 0 }
        guard let integers, integers.allSatisfy(range.contains) else {
            throw PlanError(
                .invalidKey,
                subject: key,
                "\(key) is an array of \(array.count) \(array.elementType) where numbers from \(range.lowerBound) to \(range.upperBound) are expected; the file is damaged, fetch it again."
            )
        }
        return integers
    }

    private func checked(
        _ value: GGUFValue,
        _ key: String,
        _ range: ClosedRange<Int64>
    ) throws(PlanError) -> Int64 {
        // llama.cpp reads bools as numbers where per-layer flags have one value for all.
        let number = value.bool.map { $0 ? 1 : 0 } ?? value.signed
        guard let number else {
            throw PlanError(
                .invalidKey,
                subject: key,
                "\(key) is of type \(value.type) where a number is expected; the file is damaged, fetch it again."
            )
        }
        guard range.contains(number) else {
            throw PlanError(
                .invalidKey,
                subject: key,
                "\(key) is \(number), outside \(range.lowerBound) to \(range.upperBound); the file is damaged, fetch it again."
            )
        }
        return number
    }
}
