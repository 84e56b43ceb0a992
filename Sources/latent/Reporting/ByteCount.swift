/// Sizes in words.
enum ByteCount {
    /// `950 B`, `12.3 MB`, `6.94 GB`; powers of 1000, three digits.
    static func text(_ bytes: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var (value, unit) = (Double(bytes), 0)
        while value >= 999.5, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        guard unit > 0 else { return "\(bytes) B" }
        let decimals = value < 10 ? 100.0 : value < 100 ? 10.0 : 1.0
        let rounded = (value * decimals).rounded() / decimals
        let number = decimals == 1 ? String(Int(rounded)) : String(rounded)
        return "\(number) \(units[unit])"
    }
}
