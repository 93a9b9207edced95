internal import Certificates
internal import Comparison
public import Documents
internal import ImplicitSGD
internal import Intervals
internal import LearningRules
internal import Statistics

/// The tables of an approximation study: one for each measure, with a row for each rule and a column
/// for each learning rate, and one that tells how the exact updates were found.
public struct ApproximationTables {
    let study: ApproximationStudy
    let outcomes: [ApproximationStudy.CaseOutcome]
    /// Network, data and loss, for the subtitles of charts.
    let conditions: String

    public init(
        _ study: ApproximationStudy, _ outcomes: [ApproximationStudy.CaseOutcome], conditions: String
    ) {
        self.study = study
        self.outcomes = outcomes
        self.conditions = conditions
    }

    /// A table for each measure, then what is asked for besides, then how the exact updates were found.
    ///
    /// - Parameters:
    ///   - measures: in the order of their tables.
    ///   - isLadder: whether rows are rungs of a ladder, and what each adds is shown.
    ///   - depth: the number of layers, if they are shown one by one.
    public func tables(
        _ measures: [Measure], isLadder: Bool = false, layersTo depth: Int? = nil
    ) throws(TableError) -> [Table] {
        var tables: [Table] = []
        for measure in measures { tables.append(try table(measure)) }
        if isLadder { tables.append(try addedDistanceTable()) }
        if let depth {
            for measure in measures where measure.hasLayers {
                tables.append(try layerTable(measure, depth: depth))
            }
        }
        return tables + [try solverTable()]
    }

    /// Median and quartiles of `measure` over the cases whose exact update was certified, and their chart.
    public func table(_ measure: Measure) throws(TableError) -> Table {
        var table = try Table(title: measure.title, columns: columns("rule"))
        for (row, name) in study.rows.map(\.label).enumerated() {
            let cells = study.learningRates.map { rate in
                isProved ? provedCell(rate, row, measure) : cell(rate, row) { measure.value($0) }
            }
            try table.append([.text(name)] + cells)
        }
        table.notes = notes()
        if !isProved { table.charts = [chart(measure, of: table.rows)] }
        return table
    }

    /// The same for every layer, for measures that have a value for a layer.
    public func layerTable(_ measure: Measure, depth: Int) throws(TableError) -> Table {
        var columns = columns("rule")
        columns.insert(Column("layer", format: .integer, identifiesRow: true), at: 1)
        var table = try Table(title: "\(measure.title), layer by layer", columns: columns)
        for (row, name) in study.rows.map(\.label).enumerated() {
            for layer in 0..<depth {
                let cells = study.learningRates.map { rate in
                    cell(rate, row) { measure.value($0.comparison.layers[layer]) }
                }
                try table.append([.text(name), .integer(layer)] + cells)
            }
        }
        table.notes = notes()
        return table
    }

    /// For rows that are rungs of a ladder: how much relative distance each rung adds to the one before
    /// it, case by case. Negative where one approximation makes up for another.
    public func addedDistanceTable() throws(TableError) -> Table {
        var table = try Table(
            title: "Relative distance that each approximation adds", columns: columns("rule"))
        for (row, name) in study.rows.map(\.label).enumerated() where row > 0 {
            let cells = study.learningRates.map { rate in
                let added = exactOutcomes(rate).compactMap { outcome -> Double? in
                    guard let here = try? outcome.rules[row].get().comparison,
                        let before = try? outcome.rules[row - 1].get().comparison
                    else { return nil }
                    return here.whole.relativeDistance - before.whole.relativeDistance
                }
                return quartiles(added)
            }
            try table.append([.text(name)] + cells)
        }
        table.notes = notes()
        return table
    }

    /// How the exact updates were found: the certificate behind every number of the other tables.
    public func solverTable() throws(TableError) -> Table {
        var table = try Table(
            title: "The exact updates",
            columns: [
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
                Column("converged", format: .text, alignment: .right),
                Column("worstResidual", title: "worst residual", format: .significant(2)),
                Column("iterations", format: .quartiles(.significant(2))),
                Column("kinkedUnits", title: "units on kinks", format: .quartiles(.significant(2))),
                Column("lossBefore", title: "loss before", format: .significant(3)),
                Column("lossAfter", title: "loss after", format: .significant(3)),
                Column("milliseconds", title: "ms", format: .significant(2)),
            ])
        for rate in study.learningRates {
            let reports = outcomes.filter { $0.learningRate == rate }.map(\.report)
            let exact = reports.filter(\.isExact)
            try table.append([
                .number(rate),
                .text("\(exact.count) of \(reports.count)"),
                .number(reports.map(\.implicitResidual).max() ?? .nan),
                quartiles(reports.map { Double($0.solve.iterations) }),
                quartiles(reports.map { Double($0.kinkedUnits.count) }),
                .number(Quartiles(reports.map(\.lossBefore))?.median ?? .nan),
                .number(Quartiles(reports.map(\.lossAfter))?.median ?? .nan),
                .number(1e3 * (Quartiles(reports.map(\.solve.seconds))?.median ?? .nan)),
            ])
        }
        table.notes = [
            "Residual: ‖Δ + α∇L(θ⁺)‖/‖Δ‖ from the definition; medians [quartiles] over the cases."
        ]
        let minima = outcomes.filter { $0.report.isExact && !$0.report.isStrictMinimum }
        if !minima.isEmpty {
            table.notes.append(
                "\(minima.count) of \(outcomes.count) exact updates are stationary points that were "
                    + "not found to be strict local minima.")
        }
        return table
    }

    /// What cells of medians are of.
    package static let medianNote = "Median [quartiles] over the cases whose exact update is certified."

    private func columns(_ first: String) -> [Column] {
        .byLearningRate(
            study.learningRates, of: first,
            format: isProved ? .enclosure(.significant(4)) : .quartiles(.significant(2)))
    }

    /// Whether cells are proved bounds of medians.
    private var isProved: Bool { study.examination == .enclosure }

    /// The median of numbers that are known to bounds lies between the medians of the lower and of the upper bounds.
    private func provedCell(_ rate: Double, _ row: Int, _ measure: Measure) -> Cell {
        let proved = exactOutcomes(rate).compactMap { outcome in
            (try? outcome.rules[row].get())?.proved.flatMap { measure.enclosure($0) }
        }
        guard let median = Interval.median(of: proved)
        else { return .missing(reason: "no exact update was enclosed, or the measure has no proved bounds") }
        return .enclosure(lower: median.lower, upper: median.upper)
    }

    /// What a proved median is of, and what it leaves out.
    private var proofNotes: [String] {
        ["Medians over the cases whose exact update is enclosed: every digit is proved."]
            + study.learningRates.compactMap { rate in
                let exact = exactOutcomes(rate)
                let reasons = exact.compactMap(\.report.certificate.point?.notEnclosed)
                guard let first = reasons.first else { return nil }
                return "α = \(NumberFormat.setting.string(rate)): \(reasons.count) of \(exact.count) exact updates are "
                    + "not enclosed and left out (\(first))."
            }
    }

    private func cell(
        _ rate: Double, _ row: Int, _ value: (ApproximationStudy.RuleOutcome) -> Double?
    ) -> Cell {
        let exact = exactOutcomes(rate)
        if exact.isEmpty { return .missing(reason: "no exact update was found") }
        var values: [Double] = []
        var reason = "no cases"
        for outcome in exact {
            switch outcome.rules[row] {
            case .success(let found):
                guard let number = value(found) else {
                    return .missing(reason: "the measure does not apply to this rule")
                }
                values.append(number)
            case .failure(let error): reason = error.description
            }
        }
        if values.isEmpty { return .missing(reason: reason) }
        return quartiles(values)
    }

    private func exactOutcomes(_ rate: Double) -> [ApproximationStudy.CaseOutcome] {
        outcomes.filter { $0.learningRate == rate && $0.report.isExact }
    }

    private func quartiles(_ values: [Double]) -> Cell {
        .quartiles(of: values, orMissing: "no cases")
    }

    /// What a reader must know before believing a table.
    private func notes() -> [String] {
        var notes = isProved ? proofNotes : [Self.medianNote]
        for rate in study.learningRates {
            let all = outcomes.filter { $0.learningRate == rate }
            let missed = all.filter { !$0.report.isExact }
            guard let example = missed.first else { continue }
            notes.append(
                "α = \(NumberFormat.setting.string(rate)): \(missed.count) of \(all.count) solves have "
                    + "no certificate and are left out (\(example.report.reason ?? "")).")
        }
        for (row, name) in study.rows.map(\.label).enumerated() {
            let failures = outcomes.compactMap { outcome -> RuleError? in
                guard case .failure(let error) = outcome.rules[row] else { return nil }
                return error
            }
            if let first = failures.first {
                notes.append(
                    "\(name): no update in \(failures.count) of \(outcomes.count) cases, which are "
                        + "left out of its row (\(first)).")
            }
            let statuses = outcomes.compactMap { try? $0.rules[row].get().equilibrium }
            let stopped = statuses.filter { !$0.isConverged }
            guard let worst = stopped.map(\.residual).max() else { continue }
            notes.append(
                "\(name): inference stopped short of its equilibrium in \(stopped.count) of "
                    + "\(statuses.count) cases (worst residual \(NumberFormat.significant(2).string(worst))).")
        }
        return notes
    }
}

extension [Column] {
    /// The columns of a table with a row for each of something, and a column for each learning rate.
    package static func byLearningRate(_ rates: [Double], of first: String, format: ColumnFormat) -> [Column] {
        [Column(first, format: .text, identifiesRow: true)]
            + rates.map {
                Column("alpha=\($0)", title: "α = \(NumberFormat.setting.string($0))", format: format)
            }
    }
}

extension Cell {
    /// Median and quartiles of a sample; missing without values, for the reason.
    package static func quartiles(of values: [Double], orMissing reason: String) -> Cell {
        guard let summary = Quartiles(values) else { return .missing(reason: reason) }
        return .quartiles(median: summary.median, lower: summary.lower, upper: summary.upper)
    }
}

extension Interval {
    /// Bounds of the median of numbers that are known to intervals; `nil` without numbers.
    fileprivate static func median(of sample: [Interval]) -> Interval? {
        guard !sample.isEmpty else { return nil }
        func middle(_ bounds: [Double]) -> Interval {
            let (sorted, half) = (bounds.sorted(), bounds.count / 2)
            return bounds.count.isMultiple(of: 2)
                ? (Interval(sorted[half - 1]) + Interval(sorted[half])) / Interval(2) : Interval(sorted[half])
        }
        return Interval(lower: middle(sample.map(\.lower)).lower, upper: middle(sample.map(\.upper)).upper)
    }
}
