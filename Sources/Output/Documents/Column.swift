/// One column of a table: what its values are called and how they are shown.
///
/// The `key` is for programs and never changes once published: it names the value in JSON and CSV.
/// The `title` is for people and may be reworded at any time.
public struct Column: Sendable, Equatable {
    /// The stable name in JSON and CSV, such as `relativeDistance`.
    public let key: String
    /// The heading in text and Markdown, such as `relative distance`.
    public let title: String
    /// Which cells the column takes, and how they are shown to people.
    public let format: ColumnFormat
    /// The side on which cells and heading are flush.
    public let alignment: Alignment
    /// Whether the column says which row this is: a rule's name, a learning rate.
    ///
    /// Such columns are repeated in every block of a table that is too wide for the page, and stand
    /// in front of every value in CSV.
    public let identifiesRow: Bool

    /// A column with the given key.
    ///
    /// - Parameters:
    ///   - title: `nil` means the key.
    ///   - alignment: `nil` means right for numbers, left for text and booleans.
    ///   - key: the name in CSV and JSON, different from those of the other columns.
    ///   - format: which cells it takes and how they are shown.
    ///   - identifiesRow: whether it says which row this is.
    public init(
        _ key: String, title: String? = nil, format: ColumnFormat,
        alignment: Alignment? = nil, identifiesRow: Bool = false
    ) {
        self.key = key
        self.title = title ?? key
        self.format = format
        self.alignment = alignment ?? format.usualAlignment
        self.identifiesRow = identifiesRow
    }
}

/// The side on which the cells of a column are flush.
public enum Alignment: Sendable, Equatable, CaseIterable {
    case left, right, center
}

/// Which cells a column takes, and how they are shown in text and Markdown.
///
/// CSV and JSON ignore the number format: there every double has its shortest form that reads back
/// as the same double, in the base unit (seconds, and fractions of one rather than percent).
public enum ColumnFormat: Sendable, Equatable {
    /// Whole numbers, every digit shown.
    case integer
    /// Measured numbers. Whole numbers are taken too.
    case number(NumberFormat)
    /// Medians with their lower and upper quartile: `0.41 [0.30, 0.52]`.
    case quartiles(NumberFormat)
    /// Estimates with their confidence interval: `0.41 [0.30, 0.52]`.
    case interval(NumberFormat)
    /// Numbers that are proved to lie between two: `0.4123`, with fewer digits where fewer are proved.
    case enclosure(NumberFormat)
    /// Words.
    case text
    /// Truth values, shown as `yes` and `no`.
    case boolean

    /// Numbers with `digits` significant digits.
    public static func significant(_ digits: Int) -> ColumnFormat { .number(.significant(digits)) }
    /// Durations, given in seconds.
    public static var seconds: ColumnFormat { .number(.seconds) }
    /// Fractions of one, shown in percent.
    public static var percent: ColumnFormat { .number(.percent) }
    /// Chosen values, such as a learning rate.
    public static var setting: ColumnFormat { .number(.setting) }

    /// Whether a column of this format takes the cell. A missing cell fits everywhere.
    public func accepts(_ cell: Cell) -> Bool {
        switch (self, cell) {
        case (_, .missing), (.integer, .integer), (.number, .number), (.number, .integer),
            (.quartiles, .quartiles), (.interval, .interval), (.enclosure, .enclosure), (.text, .text), (.boolean, .boolean):
            true
        default: false
        }
    }

    /// The name of the format in messages and in JSON.
    var kind: String {
        switch self {
        case .integer: "integer"
        case .number: "number"
        case .quartiles: "quartiles"
        case .interval: "interval"
        case .enclosure: "enclosure"
        case .text: "text"
        case .boolean: "boolean"
        }
    }

    /// The unit of the values in CSV and JSON, if they have one.
    var unit: String? {
        switch self {
        case .number(let format), .quartiles(let format), .interval(let format), .enclosure(let format): format.unit
        case .integer, .text, .boolean: nil
        }
    }

    var usualAlignment: Alignment {
        switch self {
        case .integer, .number, .quartiles, .interval, .enclosure: .right
        case .text, .boolean: .left
        }
    }
}
