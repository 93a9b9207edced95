import Foundation

/// How a number is shown to people: in text and Markdown, with at most four significant digits.
///
/// More digits than that differ between processors and thread counts (sums are rounded in another
/// order), so that two correct runs would print different tables.
public enum NumberFormat: Sendable, Equatable {
    /// `digits` significant digits (1 to 4, others count as the nearest of these), trailing zeros
    /// kept: `0.041`, `35`, `2.9e2` for two digits.
    ///
    /// Scientific from `10^digits` on, where fixed notation would pretend to more digits, and below
    /// 0.001, where it would be longer. Zero is `0`, without a sign.
    case significant(Int)
    /// A value that somebody chose, such as a learning rate: up to four significant digits without
    /// trailing zeros: `0.01`, `100`, `1e4`.
    case setting
    /// A duration in seconds, shown with three significant digits in the unit that suits it:
    /// `4.12 ms`, `1.50 s`, `12.5 min`.
    case seconds
    /// A fraction of one, shown in percent with three significant digits: `12.3 %`.
    case percent

    /// The number as shown to people; `NaN`, `inf` and `-inf` where it is not finite.
    public func string(_ value: Double) -> String {
        guard value.isFinite else {
            return value.isNaN ? "NaN" : value < 0 ? "-inf" : "inf"
        }
        switch self {
        case .significant(let digits):
            return Self.fixedOrScientific(value, digits: min(max(digits, 1), 4), trimmed: false)
        case .setting: return Self.fixedOrScientific(value, digits: 4, trimmed: true)
        case .seconds: return Self.duration(value)
        case .percent:
            let hundredfold = value * 100
            guard hundredfold.isFinite else { return hundredfold < 0 ? "-inf %" : "inf %" }
            return Self.fixedOrScientific(hundredfold, digits: 3, trimmed: false) + " %"
        }
    }

    /// Two numbers with as many significant digits as tell them apart: two at least, four at most.
    package static func telling(_ value: Double, from other: Double) -> (String, String) {
        for digits in 2...4 {
            let pair = (significant(digits).string(value), significant(digits).string(other))
            if pair.0 != pair.1 || digits == 4 { return pair }
        }
        return (significant(4).string(value), significant(4).string(other))
    }

    /// The unit of the unformatted value.
    var unit: String? {
        switch self {
        case .significant, .setting: nil
        case .seconds: "s"
        case .percent: "fraction"
        }
    }

    private static func duration(_ seconds: Double) -> String {
        if seconds == 0 { return "0 s" }
        // The unit follows from the rounded value, or 0.9996 s would be shown as 1.00e3 ms.
        let rounded = Double(String(format: "%.2e", abs(seconds))) ?? abs(seconds)
        let (unit, name): (Double, String) =
            switch rounded {
            case 7200...: (3600, "h")
            case 120...: (60, "min")
            case 1...: (1, "s")
            case 1e-3...: (1e-3, "ms")
            case 1e-6...: (1e-6, "µs")
            default: (1e-9, "ns")
            }
        return fixedOrScientific(seconds / unit, digits: 3, trimmed: false) + " " + name
    }

    /// A finite number, correctly rounded from its exact binary value.
    private static func fixedOrScientific(_ value: Double, digits: Int, trimmed: Bool) -> String {
        if value == 0 { return "0" }
        let scientific = String(format: "%.\(digits - 1)e", abs(value)).split(separator: "e")
        var figures = scientific[0].filter { $0 != "." }
        let exponent = Int(scientific[1]) ?? 0
        if trimmed { while figures.count > 1, figures.last == "0" { figures.removeLast() } }
        let sign = value < 0 ? "-" : ""
        guard (-3..<digits).contains(exponent) else {
            return sign + pointed(figures, after: 1) + "e\(exponent)"
        }
        if exponent < 0 {
            return sign + "0." + String(repeating: "0", count: -exponent - 1) + figures
        }
        figures += String(repeating: "0", count: max(0, exponent + 1 - figures.count))
        return sign + pointed(figures, after: exponent + 1)
    }

    private static func pointed(_ figures: String, after count: Int) -> String {
        figures.count > count ? figures.prefix(count) + "." + figures.dropFirst(count) : figures
    }
}
