/// One mark for each row on a common axis, its shape and colour the verdict, and a line at the limit.
public struct DotPlot: Sendable, Equatable {
    /// What became of a row.
    public enum Verdict: String, Sendable, Equatable, CaseIterable {
        case good, bad, undecided
    }

    public struct Row: Sendable, Equatable {
        public var label: String
        /// `nil` where nothing was measured. What has no place on the axis is drawn at its nearer end.
        public var value: Double?
        public var verdict: Verdict

        public init(_ label: String, value: Double?, verdict: Verdict) {
            self.label = label
            self.value = value
            self.verdict = verdict
        }
    }

    public var x: Axis
    /// From top to bottom.
    public var rows: [Row]
    /// The value that must not be exceeded, with its words.
    public var limit: (value: Double, label: String)?
    /// What the verdicts are called, such as *holds* and *fails*.
    public var verdictLabels: [Verdict: String]

    public init(
        x: Axis, rows: [Row], limit: (value: Double, label: String)? = nil,
        verdictLabels: [Verdict: String] = [:]
    ) {
        self.x = x
        self.rows = rows
        self.limit = limit
        self.verdictLabels = verdictLabels
    }

    public static func == (a: DotPlot, b: DotPlot) -> Bool {
        a.x == b.x && a.rows == b.rows && a.limit?.value == b.limit?.value
            && a.limit?.label == b.limit?.label && a.verdictLabels == b.verdictLabels
    }

    /// The verdicts that occur, in a fixed order.
    package var verdicts: [Verdict] { Verdict.allCases.filter { verdict in rows.contains { $0.verdict == verdict } } }

    package func label(_ verdict: Verdict) -> String { verdictLabels[verdict] ?? verdict.rawValue }

    /// What is said beside a row whose value has no place on the axis or lies beyond its ends.
    package func remark(_ row: Row) -> String? {
        guard let value = row.value else { return "no value" }
        let isInside = x.scale.shows(value) && x.range?.contains(value) != false
        return isInside ? nil : NumberFormat.significant(2).string(value)
    }

    var summary: String {
        let items = rows.map { row in
            "\(row.label): \(label(row.verdict)), "
                + (row.value.map(NumberFormat.significant(2).string) ?? "no value")
        }
        return "Dot plot of \(x.title) for \(rows.count) rows. " + items.joined(separator: "; ") + "."
    }
}
