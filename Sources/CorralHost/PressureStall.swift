/// Pressure stall information (the kernel's `accounting/psi`).
enum PressureStall {
    /// The `some avg10` figure of a pressure file as a share from 0 to 1: in how much
    /// of the last ten seconds at least one task waited for memory.
    ///
    /// - Returns: `nil` if the text does not say.
    static func share(in text: KernelText) -> Double? {
        for line in text.lines where line.hasPrefix("some ") {
            for field in line.split(separator: " ") where field.hasPrefix("avg10=") {
                guard let percent = Double(field.dropFirst(6)), percent >= 0 else { return nil }
                return min(percent / 100, 1)
            }
        }
        return nil
    }
}
