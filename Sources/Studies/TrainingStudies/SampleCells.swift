internal import Documents
internal import Statistics
internal import Training

// What the tables of training make of samples of seeds.

extension Cell {
    /// The mean; missing without values, for the reason.
    static func mean(_ values: [Double], orMissing reason: String) -> Cell {
        values.isEmpty ? .missing(reason: reason) : .number(SeedSample(values).mean)
    }

    /// The standard deviation; missing below two values.
    static func deviation(_ values: [Double]) -> Cell {
        values.count > 1
            ? .number(SeedSample(values).standardDeviation)
            : .missing(reason: "fewer than two runs that did not diverge")
    }

    /// What `text` makes of the values of the runs that have one, and how many of all diverged.
    static func runs(
        _ runs: [TrainingSummary], _ value: (TrainingSummary) -> Double?, text: (SeedSample) -> String
    ) -> Cell {
        guard !runs.isEmpty else { return .missing(reason: "no run is finished") }
        let sample = SeedSample(runs.compactMap(value))
        let diverged = runs.count(where: \.isDiverged)
        return .text(
            ((sample.values.isEmpty ? [] : [text(sample)])
                + (diverged == 0 ? [] : ["div. \(diverged)/\(runs.count)"])).joined(separator: " "))
    }
}

extension TrainingGrid {
    /// A table with a row for each rule and a column for each learning rate of the grid.
    ///
    /// - Parameter last: a column behind them.
    func table(
        _ title: String, _ format: ColumnFormat, last: (column: Column, cell: (TrainingRule) -> Cell)? = nil,
        cell: (TrainingRule, Double) throws -> Cell
    ) throws -> Table {
        let rates = allRates
        return try Table(
            title: title,
            columns: [Column("rule", format: .text, identifiesRow: true)]
                + rates.map {
                    Column(
                        "alpha=\($0)", title: "α = \(NumberFormat.setting.string($0))", format: format,
                        alignment: .right)
                } + (last.map { [$0.column] } ?? []),
            rows: rules.map { rule in
                let own = self.rates(of: rule)
                return try [.text(rule.name)]
                    + rates.map { own.contains($0) ? try cell(rule, $0) : .missing(reason: "not in the grid of this rule") }
                    + (last.map { [$0.cell(rule)] } ?? [])
            })
    }
}
