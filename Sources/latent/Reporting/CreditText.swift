/// What is left to spend, as people read it.
enum CreditText {
    /// At most two decimals, none where there are none.
    static func text(_ credits: Double) -> String {
        guard abs(credits) < 1e12 else { return "\(credits)" }
        let cents = Int((credits * 100).rounded())
        if cents % 100 == 0 { return String(cents / 100) }
        let rest = abs(cents % 100)
        let sign = cents < 0 && cents > -100 ? "-" : ""
        return "\(sign)\(cents / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
