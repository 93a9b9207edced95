internal import JSON

/// The footnotes of one table: each reason for a missing value once, in order of first appearance.
struct Footnotes {
    private(set) var reasons: [String] = []

    /// The number of a reason, from 1.
    mutating func number(of reason: String) -> Int {
        if let known = reasons.firstIndex(of: reason) { return known + 1 }
        reasons.append(reason)
        return reasons.count
    }
}

extension Cell {
    /// The cell as people read it, before any escaping.
    ///
    /// - Parameter mark: the sign of a footnote in the output format, such as `[1]`.
    func text(
        as format: ColumnFormat, footnotes: inout Footnotes, mark: (Int) -> String
    ) -> String {
        switch self {
        case .integer(let value):
            if case .number(let numberFormat) = format {
                return numberFormat.string(Double(value))
            }
            return String(value)
        case .number(let value): return format.numberFormat.string(value)
        case .text(let value): return value
        case .boolean(let value): return value ? "yes" : "no"
        case .missing(let reason): return "–" + mark(footnotes.number(of: reason))
        case .quartiles(let median, let lower, let upper), .interval(let median, let lower, let upper):
            let numberFormat = format.numberFormat
            return numberFormat.string(median)
                + " [\(numberFormat.string(lower)), \(numberFormat.string(upper))]"
        case .enclosure(let lower, let upper):
            return format.numberFormat.provedString(lower: lower, upper: upper)
        }
    }

    /// The cell at full precision on one line, without a column to say how: for provenance.
    var exactText: String {
        switch self {
        case .integer(let value): String(value)
        case .number(let value): value.exactText
        case .text(let value): value
        case .boolean(let value): value ? "true" : "false"
        case .missing(let reason): "– (\(reason))"
        case .quartiles(let median, let lower, let upper), .interval(let median, let lower, let upper):
            "\(median.exactText) [\(lower.exactText), \(upper.exactText)]"
        case .enclosure(let lower, let upper): "[\(lower.exactText), \(upper.exactText)]"
        }
    }
}

extension ColumnFormat {
    fileprivate var numberFormat: NumberFormat {
        switch self {
        case .number(let format), .quartiles(let format), .interval(let format), .enclosure(let format): format
        case .integer, .text, .boolean: .significant(4)
        }
    }
}
