/// The value in one place of a table.
///
/// Two cells that hold NaN are not equal, as for `Double`.
public enum Cell: Sendable, Equatable {
    /// A whole number.
    case integer(Int)
    /// A measured number. NaN and infinities are results too and are shown as what they are: `NaN`,
    /// `inf`, `-inf` for people, the words `NaN`, `Infinity`, `-Infinity` in CSV, and the same
    /// words as *strings* in JSON, which has no such numbers.
    case number(Double)
    /// Words. Plain text: every renderer escapes what its format would take for markup.
    case text(String)
    /// A truth value: `yes` or `no` for people, `true` or `false` for programs.
    case boolean(Bool)
    /// No value, and why: a dash with a footnote for people, an empty value with a note in CSV,
    /// `null` in JSON with the reason in the table's list `missing`.
    case missing(reason: String)
    /// A median with the lower and the upper quartile of the same sample.
    case quartiles(median: Double, lower: Double, upper: Double)
    /// An estimate with the ends of its confidence interval.
    case interval(estimate: Double, lower: Double, upper: Double)
    /// A number that is proved to lie between two; shown with the digits that this proves.
    case enclosure(lower: Double, upper: Double)

    /// The name of the case, as messages use it.
    var kind: String {
        switch self {
        case .integer: "integer"
        case .number: "number"
        case .text: "text"
        case .boolean: "boolean"
        case .missing: "missing"
        case .quartiles: "quartiles"
        case .interval: "interval"
        case .enclosure: "enclosure"
        }
    }
}

extension Cell: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    public init(stringLiteral value: String) { self = .text(value) }
}

extension Cell: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int) { self = .integer(value) }
}

extension Cell: ExpressibleByFloatLiteral {
    public init(floatLiteral value: Double) { self = .number(value) }
}

extension Cell: ExpressibleByBooleanLiteral {
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
}
