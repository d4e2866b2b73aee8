/// A row of numbers as a row of bars, one character each.
public enum Sparkline {
    private static let bars = Array("▁▂▃▄▅▆▇█")

    /// Draws numbers.
    ///
    /// - Parameter values: The numbers, none below zero.
    /// - Returns: As many characters: the lowest bar for nothing, the highest for the largest
    ///   number, and what is little still higher than nothing.
    public static func text(_ values: some Collection<Int64>) -> String {
        let largest = values.max() ?? 0
        let steps = Int64(bars.count - 1)
        return String(
            values.map { value in
                guard value > 0, largest > 0 else { return bars[0] }
                // Doubles, so that no product can overflow.
                let step = (Double(value) / Double(largest) * Double(steps)).rounded(.up)
                return bars[Int(min(max(step, 1), Double(steps)))]
            }
        )
    }
}
