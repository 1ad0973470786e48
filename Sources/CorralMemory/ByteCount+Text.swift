extension ByteCount: CustomStringConvertible {
    /// The count for people, in binary units with three significant digits: `1.50 GiB`.
    public var description: String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var value = Double(rawValue.magnitude)
        var unit = 0
        // 999.5 would print as four digits, so the next unit starts there.
        while value >= 999.5, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        let sign = rawValue < 0 ? "-" : ""
        guard unit > 0 else { return "\(sign)\(rawValue.magnitude) B" }
        let decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
        return "\(sign)\(Self.fixed(value, decimals: decimals)) \(units[unit])"
    }

    /// Formats `value` with a fixed number of decimals, without Foundation.
    private static func fixed(_ value: Double, decimals: Int) -> String {
        let scale = decimals == 2 ? 100 : decimals == 1 ? 10 : 1
        let scaled = Int((value * Double(scale)).rounded())
        guard decimals > 0 else { return "\(scaled)" }
        let fraction = "\(scaled % scale)"
        let padding = String(repeating: "0", count: decimals - fraction.count)
        return "\(scaled / scale).\(padding)\(fraction)"
    }

    /// Reads a size as people write it.
    ///
    /// Accepts `12GiB`, `12 GB`, `512M`, `1.5g`, `4096`. `KiB`, `MiB`, `GiB`,
    /// `TiB` and the bare letters are powers of 1,024, as in llama.cpp and
    /// systemd; `KB`, `MB`, `GB`, `TB` are powers of 1,000 (IEC 80000-13).
    ///
    /// - Returns: `nil` when `text` is not a non-negative size that fits.
    public init?(parsing text: some StringProtocol) {
        let written = text.drop { $0.isWhitespace }
        let number = written.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = String(written.dropFirst(number.count).filter { !$0.isWhitespace }).lowercased()
        guard let scale = Self.scales[unit] else { return nil }
        if let whole = Int64(number) {
            // In integers, for above 2⁵³ a Double would round.
            let (bytes, overflow) = whole.multipliedReportingOverflow(by: Int64(scale))
            guard !overflow else { return nil }
            self.init(bytes)
        } else {
            guard let value = Double(number),
                let bytes = Int64(exactly: (value * scale).rounded())
            else { return nil }
            self.init(bytes)
        }
    }

    private static let scales: [String: Double] = [
        "": 1, "b": 1,
        "k": 0x1p10, "ki": 0x1p10, "kib": 0x1p10, "kb": 1e3,
        "m": 0x1p20, "mi": 0x1p20, "mib": 0x1p20, "mb": 1e6,
        "g": 0x1p30, "gi": 0x1p30, "gib": 0x1p30, "gb": 1e9,
        "t": 0x1p40, "ti": 0x1p40, "tib": 0x1p40, "tb": 1e12,
    ]
}

extension ByteCount: Codable {
    /// Decodes a plain integer of bytes.
    public init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(Int64.self)
    }

    /// Encodes as a plain integer of bytes.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
