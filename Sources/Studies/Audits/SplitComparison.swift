public import CaseFiles
internal import Certificates
public import Documents
public import ErrorTables
internal import Graphs
public import ImplicitSGD
public import LearningRules
internal import LinearAlgebra
internal import Networks
internal import Statistics

/// How far the updates of rules are from the exact ones over a user's examples: each mini-batch of them is a case, and
/// tables show medians.
///
/// Mini-batches are taken in the order of the file; examples that are left over at the end are not used.
public struct SplitComparison: Sendable {
    public let document: Document
    /// Whether every exact update was found.
    public let isSolved: Bool

    /// The measures of one case, as tables of medians have them.
    private static let measures = CaseComparison.measures.map(\.measure)

    /// For a chain.
    ///
    /// - Parameter size: examples in a mini-batch.
    /// - Parameter file: network and examples.
    /// - Parameter study: learning rates, rules, solver, and what is held.
    /// - Parameter provenance: what the output says of itself.
    /// - Parameter progress: called after each exact update.
    /// - Throws: `SplitError`, `ProblemError`, `SolveError`.
    public init(
        _ file: CaseFile, batchSize size: Int, study: ApproximationStudy, provenance: Provenance,
        progress: @Sendable () -> Void
    ) throws {
        let ranges = try Self.ranges(of: file.batch.size, size)
        let cases = try ranges.enumerated().map { index, range in
            let batch = try Batch(inputs: file.batch.inputs.columns(range), targets: file.batch.targets.columns(range))
            return StudyCase(index: index, network: file.network, batch: batch)
        }
        let outcomes = try study.run(cases, loss: file.loss, progress: progress)
        let tables = ApproximationTables(study, outcomes, conditions: "\(file.path), mini-batch \(size)")
        let shown = study.examination == .enclosure ? Self.measures.filter(Measure.proved.contains) : Self.measures
        document = Self.document(try tables.tables(shown), provenance, cases.count, size)
        isSolved = outcomes.allSatisfy(\.report.isAnswered)
    }

    /// For a graph.
    ///
    /// - Parameter size: examples in a mini-batch.
    /// - Parameter file: network and examples.
    /// - Parameter options: of the solver.
    /// - Parameter learningRates: one column each.
    /// - Parameter rules: one row each.
    /// - Parameter provenance: what the output says of itself.
    /// - Parameter progress: called after each exact update.
    /// - Throws: `SplitError`, `SolveError`, and what posing a problem can throw.
    public init(
        _ file: GraphFile, batchSize size: Int, learningRates: [Double], rules: [any GraphRule], options: SolverOptions,
        provenance: Provenance, progress: () -> Void
    ) throws {
        let ranges = try Self.ranges(of: file.inputs.columns, size)
        let problems = try learningRates.flatMap { rate in
            try ranges.map { range in
                try GraphProblem(
                    network: file.network, inputs: file.inputs.columns(range), targets: file.targets.columns(range),
                    loss: file.loss, learningRate: rate)
            }
        }
        let comparison = try GraphComparison(
            problems, rules: rules, options: options, provenance: provenance, progress: progress)
        document = Self.document(try comparison.medianTables(), provenance, ranges.count, size)
        isSolved = comparison.isSolved
    }

    private static func ranges(of count: Int, _ size: Int) throws(SplitError) -> [Range<Int>] {
        guard (1...count).contains(size) else { throw SplitError(size: size, examples: count) }
        return (0..<count / size).map { ($0 * size)..<($0 * size + size) }
    }

    private static func document(_ tables: [Table], _ origin: Provenance, _ cases: Int, _ size: Int) -> Document {
        var provenance = origin
        provenance.set("cases", to: .text("\(cases) mini-batches of \(size), in the order of the file"))
        return Document(
            title: "Distance to the exact implicit update", provenance: provenance, blocks: tables.map { .table($0) })
    }
}

/// The file has not one mini-batch of the size asked for.
public struct SplitError: Error, Equatable, CustomStringConvertible {
    let size: Int
    let examples: Int

    public var description: String {
        "the case has \(examples) examples, from which no mini-batch of \(size) can be made"
    }
}

extension GraphComparison {
    /// For each measure a table of medians over the cases, with a row for each rule and a column for each learning rate;
    /// then how the exact updates were found.
    func medianTables() throws(TableError) -> [Table] {
        let rates = entries.map(\.solution.solve.learningRate).distinct
        let rules = entries.map(\.rule).distinct
        var tables: [Table] = []
        for column in Self.columns {
            var table = try Table(
                title: column.title.prefix(1).uppercased() + column.title.dropFirst(),
                columns: .byLearningRate(rates, of: "rule", format: .quartiles(.significant(2))))
            for rule in rules {
                let cells = rates.map { rate in
                    let found = entries.filter { $0.rule == rule && $0.solution.solve.learningRate == rate }
                    return Cell.quartiles(
                        of: found.compactMap { $0.measures.map(column.value) },
                        orMissing: found.compactMap(\.reason).first ?? "no cases")
                }
                try table.append([.text(rule)] + cells)
            }
            table.notes = [ApproximationTables.medianNote]
            tables.append(table)
        }
        return tables + [try medianSolveTable(rates)]
    }

    private func medianSolveTable(_ rates: [Double]) throws(TableError) -> Table {
        var table = try Table(
            title: "The exact updates",
            columns: [
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
                Column("converged", format: .text, alignment: .right),
                Column("worstResidual", title: "worst residual", format: .significant(2)),
                Column("iterations", format: .quartiles(.significant(2))),
                Column("hessianProducts", title: "products", format: .quartiles(.significant(2))),
                Column("kinkedUnits", title: "units on kinks", format: .quartiles(.significant(2))),
                Column("seconds", title: "time", format: .seconds),
            ])
        let first = entries.first?.rule
        for rate in rates {
            let solutions = entries.filter { $0.rule == first && $0.solution.solve.learningRate == rate }.map(\.solution)
            func quartiles(_ value: (GraphSolution) -> Double) -> Cell {
                .quartiles(of: solutions.map(value), orMissing: "no cases")
            }
            try table.append([
                .number(rate), .text("\(solutions.filter(\.isExact).count) of \(solutions.count)"),
                .number(solutions.map { $0.certificate.point?.implicitResidual ?? .infinity }.max() ?? .nan),
                quartiles { Double($0.solve.iterations) }, quartiles { Double($0.solve.hessianProducts) },
                quartiles { Double($0.certificate.point?.kinkedUnits.count ?? 0) },
                .number(Quartiles(solutions.map(\.solve.seconds))?.median ?? .nan),
            ])
            if let refused = solutions.first(where: { !$0.isExact }) {
                table.notes.append(
                    "α = \(NumberFormat.setting.string(rate)): those that are not exact are left out above "
                        + "(\(refused.reason ?? "")).")
            }
        }
        return table
    }
}

extension Array where Element: Hashable {
    /// Each value once, where it is first.
    fileprivate var distinct: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
