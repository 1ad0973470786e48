/// A bar of blocks that shows shares of a whole.
enum Bar {
    /// Draws shares one after the other, each with a sign of its own, and the rest as dots.
    ///
    /// - Parameters:
    ///   - shares: Each from 0 to 1, and the letter it is drawn with.
    ///   - width: The letters of the whole bar.
    /// - Returns: So many letters.
    static func line(_ shares: [(share: Double, letter: Character)], width: Int) -> String {
        var drawn = ""
        var end = 0.0
        for (share, letter) in shares {
            end += max(0, min(1, share.isFinite ? share : 0))
            // The ends are rounded, not the lengths, so that errors do not add up.
            let length = Int((min(1, end) * Double(width)).rounded()) - drawn.count
            drawn += String(repeating: letter, count: max(0, length))
        }
        return drawn + String(repeating: "·", count: max(0, width - drawn.count))
    }
}
